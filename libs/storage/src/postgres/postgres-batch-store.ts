import type { DataSource } from 'typeorm';
import type { BatchRef, BatchState } from '@ecluse/contracts';
import type { BatchLeaver, BatchMember, BatchStore } from '../batches.js';
import type { SealedBytes } from '../inbox.js';
import {
  CLOSE_BATCH,
  LEAVE,
  LOCK_BATCH,
  MEMBERS,
  OPEN_BATCH,
  OPEN_MEMBERS,
  OUTPUTS,
  REMOVE_OUTPUTS,
  SAVE_OUTPUTS,
  WAIT_FOR,
  WAKE_DISPATCHER,
} from './batch-statements.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface OutputRow {
  step_id: string;
  ciphertext: Buffer;
  wrapped_key: string;
  key_name: string;
}

/** Role `ecluse_worker`. */
export class PostgresBatchStore implements BatchStore {
  constructor(private readonly dataSource: DataSource) {}

  open(batch: BatchRef, temporalRunId: string): Promise<'open' | 'closed'> {
    return this.#within(batch, async (sql, key) => {
      const [row] = await sql.rows<{ state: BatchState }>(LOCK_BATCH, key);
      if (row === undefined || row.state === 'closed') return 'closed';
      await sql.rows(OPEN_BATCH, [...key, temporalRunId]);
      await sql.rows(OPEN_MEMBERS, [...key, temporalRunId]);
      return 'open';
    });
  }

  members(batch: BatchRef): Promise<BatchMember[]> {
    return this.#within(batch, async (sql, key) => {
      const rows = await sql.rows<BatchMember & { effectNonce?: string | null }>(MEMBERS, key);
      return rows.map(({ effectNonce, ...run }) =>
        typeof effectNonce === 'string' ? { ...run, effectNonce } : run,
      );
    });
  }

  async leave(batch: BatchRef, leavers: BatchLeaver[]): Promise<void> {
    if (leavers.length === 0) return;
    const rows = leavers.map(({ runId, pauseMs, reason }) => ({ id: runId, pause: pauseMs, reason }));
    await this.#within(batch, async (sql, key) => {
      await sql.rows(LEAVE, [...key, JSON.stringify(rows)]);
      await sql.rows(WAKE_DISPATCHER);
    });
  }

  async waitFor(batch: BatchRef, reason: string | null): Promise<void> {
    await this.#within(batch, (sql, key) => sql.rows(WAIT_FOR, [...key, reason]));
  }

  async saveOutputs(batch: BatchRef, stepId: string, sealed: SealedBytes): Promise<void> {
    const { ciphertext, wrappedKey, keyName } = sealed;
    await this.#within(batch, (sql, key) =>
      sql.rows(SAVE_OUTPUTS, [...key, stepId, ciphertext, wrappedKey, keyName]),
    );
  }

  outputs(batch: BatchRef): Promise<Map<string, SealedBytes>> {
    return this.#within(batch, async (sql, key) => {
      const rows = await sql.rows<OutputRow>(OUTPUTS, key);
      return new Map(
        rows.map((row) => [
          row.step_id,
          { ciphertext: row.ciphertext, wrappedKey: row.wrapped_key, keyName: row.key_name },
        ]),
      );
    });
  }

  async close(batch: BatchRef): Promise<void> {
    await this.#within(batch, async (sql, key) => {
      await sql.rows(CLOSE_BATCH, key);
      await sql.rows(REMOVE_OUTPUTS, key);
    });
  }

  /** One transaction; most statements begin with the tenant and the batch. */
  #within<T>(
    { tenant, batchId }: BatchRef,
    work: (sql: SqlSession, key: [string, string]) => Promise<T>,
  ): Promise<T> {
    return withTenant(this.dataSource, tenant, (sql) => work(sql, [tenant, batchId]));
  }
}
