import type { DataSource } from 'typeorm';
import { isEcluseError } from '@ecluse/errors';
import { LEFT_BATCH, type BatchQuota, type BatchDispatch, type FormedBatch } from '../dispatch.js';
import { GroupCommit } from './group-commit.js';
import { DISSOLVE, FORM, MARK_BATCH_STARTED, POSTPONE, TAKE_OVER } from './queue-statements.js';
import { single } from './sql-session.js';

interface StartedBatch {
  batchId: string;
  temporalRunId: string | null;
}

/** Role `ecluse_dispatcher`. */
export class PostgresBatchDispatch implements BatchDispatch {
  private readonly marks: GroupCommit<StartedBatch, undefined>;

  constructor(private readonly dataSource: DataSource) {
    this.marks = new GroupCommit(
      (batches) => this.markAll(batches),
      (error) => isEcluseError(error),
    );
  }

  async form(quotas: readonly BatchQuota[], maxBytes: number): Promise<FormedBatch[]> {
    if (quotas.length === 0) return [];
    return single<FormedBatch>(this.dataSource, FORM, [
      quotas.map(({ batchId }) => batchId),
      quotas.map(({ queue }) => queue),
      quotas.map(({ flowVersion }) => flowVersion),
      quotas.map(({ size }) => size),
      maxBytes,
    ]);
  }

  async takeOver(seconds: number, limit: number): Promise<FormedBatch[]> {
    return single<FormedBatch>(this.dataSource, TAKE_OVER, [seconds, limit]);
  }

  async markBatchStarted(batch: StartedBatch): Promise<void> {
    await this.marks.submit(batch);
  }

  async postpone(batchId: string, delaySeconds: number, seconds: number): Promise<void> {
    await single(this.dataSource, POSTPONE, [batchId, delaySeconds, seconds]);
  }

  async dissolve(batchIds: readonly string[], how: { alone: boolean }): Promise<number> {
    if (batchIds.length === 0) return 0;
    const note = how.alone ? LEFT_BATCH : null;
    return (await single(this.dataSource, DISSOLVE, [batchIds, note])).length;
  }

  private async markAll(batches: readonly StartedBatch[]): Promise<undefined[]> {
    const ids = batches.map(({ batchId }) => batchId);
    const temporalIds = batches.map(({ temporalRunId }) => temporalRunId);
    await single(this.dataSource, MARK_BATCH_STARTED, [ids, temporalIds]);
    return batches.map(() => undefined);
  }
}
