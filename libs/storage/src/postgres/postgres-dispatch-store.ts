import type { DataSource } from 'typeorm';
import { ERRORS } from '@ecluse/errors';
import type { ClaimedRun, DispatchStore, QueuedRun } from '../dispatch.js';
import { RUN_TRANSITIONS, statesBefore } from '../transitions.js';
import { deriveDeliveryState, lockDelivery } from './delivery-state.js';
import { CLAIM, HELD, MARK_STARTED, PLAN, RELEASE } from './dispatch-statements.js';
import { INBOX_CHANNEL, listenOn, type ListenTimings } from './pg-listener.js';
import { endRun } from './run-end.js';
import { inTransaction, single } from './sql-session.js';

/** Days of body partitions made ahead. */
const PARTITION_DAYS = 7;

/** Role `ecluse_dispatcher`, which works across tenants. */
export class PostgresDispatchStore implements DispatchStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly timings: ListenTimings = {},
  ) {}

  async plan(limit: number): Promise<number> {
    const [row] = await single<{ handled: number }>(this.dataSource, PLAN, [limit]);
    return row?.handled ?? 0;
  }

  async claim(claimant: string, limit: number, claimSeconds: number): Promise<QueuedRun[]> {
    return single<QueuedRun>(this.dataSource, CLAIM, [claimant, limit, claimSeconds]);
  }

  async markStarted(runs: { tenant: string; runId: string; temporalRunId: string | null }[]): Promise<void> {
    if (runs.length === 0) return;
    const ids = runs.map((run) => run.runId);
    const temporalIds = runs.map((run) => run.temporalRunId);
    const tenants = runs.map((run) => run.tenant);
    const before = statesBefore(RUN_TRANSITIONS, 'started');
    await single(this.dataSource, MARK_STARTED, [ids, temporalIds, tenants, before]);
  }

  async release(run: ClaimedRun, delaySeconds: number, reason: string): Promise<void> {
    const claim = [run.tenant, run.runId, run.startAttempts];
    await single(this.dataSource, RELEASE, [...claim, delaySeconds, reason]);
  }

  async refuse(run: ClaimedRun, reason: string): Promise<void> {
    const failure = { stepId: null, code: ERRORS.RUN_NOT_STARTABLE.code, outcome: null, reason };
    await inTransaction(this.dataSource, async (sql) => {
      const claim = [run.tenant, run.runId, run.startAttempts];
      const [held] = await sql.rows<{ delivery_id: string }>(HELD, claim);
      if (held === undefined) return;
      const delivery = await lockDelivery(sql, run.tenant, held.delivery_id);
      // Looked at again under the locks, in the order delivery, run: the claim may have passed on meanwhile.
      const still = await sql.rows(`${HELD} FOR UPDATE`, claim);
      if (still.length === 0) return;
      const ended = await endRun(sql, run.tenant, run.runId, { state: 'dead_letter', failure });
      if (ended) await deriveDeliveryState(sql, delivery);
    });
  }

  async listen(onWork: () => void): Promise<() => Promise<void>> {
    return listenOn(this.dataSource, INBOX_CHANNEL, onWork, this.timings);
  }

  async ensurePartitions(): Promise<void> {
    await single(this.dataSource, 'SELECT ensure_body_partitions($1)', [PARTITION_DAYS]);
  }
}
