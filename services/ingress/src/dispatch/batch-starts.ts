import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import type { BatchDispatch, FormedBatch } from '@ecluse/storage';
import type { DispatchObserver } from './dispatch-observer.js';
import type { Engine } from './engine.js';
import { judgeStart } from './judge-start.js';
import type { StartEnd } from './start-pool.js';

export interface BatchStartDeps {
  batches: Pick<BatchDispatch, 'markBatchStarted' | 'postpone' | 'dissolve'>;
  engine: Pick<Engine, 'startBatch'>;
  failpoints: Failpoints;
  observer: DispatchObserver;
  log: Logger;
}

/**
 * Starts batches. A formed batch keeps its members: when its start fails, or its dispatcher dies, the batch is started
 * later as it is.
 */
export class BatchStarts {
  /** @param claimSeconds Age at which a formed batch is taken over by any dispatcher. */
  constructor(
    private readonly deps: BatchStartDeps,
    private readonly claimSeconds: number,
    private readonly random: () => number = Math.random,
  ) {}

  async start(batch: FormedBatch): Promise<StartEnd> {
    const { batches, engine, failpoints, log, observer } = this.deps;
    const { batchId, size } = batch;
    failpoints.hit('dispatch.before-start');
    try {
      const { temporalRunId } = await engine.startBatch(batch);
      failpoints.hit('dispatch.after-start');
      log.info('batch started', fieldsOf(batch));
      observer.started('batch', size);
      return { verdict: 'started', record: () => batches.markBatchStarted({ batchId, temporalRunId }) };
    } catch (error) {
      observer.notStarted('batch');
      return this.giveBack(batch, error);
    }
  }

  private giveBack(batch: FormedBatch, error: unknown): StartEnd {
    const { batches, log } = this.deps;
    const judged = judgeStart(error, 1, this.random());
    const { reason } = judged;
    if (judged.kind === 'refuse') {
      // Its members may be startable on their own; each is then judged by itself.
      log.error('batch cannot be started', { ...fieldsOf(batch), reason });
      const record = async (): Promise<void> => {
        await batches.dissolve([batch.batchId], { alone: true });
      };
      return { verdict: 'settled', record };
    }
    log.warn('batch not started yet', { ...fieldsOf(batch), reason, error });
    const { delaySeconds, engineAway } = judged;
    return {
      verdict: engineAway ? 'away' : 'settled',
      record: () => batches.postpone(batch.batchId, delaySeconds, this.claimSeconds),
    };
  }
}

function fieldsOf({ tenant, batchId, flow, flowVersion, workflowId, size }: FormedBatch) {
  return { tenant, batchId, flow, flowVersion, workflowId, count: size };
}
