import type { DataSource } from 'typeorm';
import { ERRORS, isEcluseError } from '@ecluse/errors';
import type { ClaimedRun, DispatchStore, QueueLook, QueuedRun, RunQuota, StartedRun } from '../dispatch.js';
import { deriveDeliveryState, lockDelivery } from './delivery-state.js';
import { AWAKEN, CLAIM, HELD, MARK_STARTED, PLAN, RELEASE } from './dispatch-statements.js';
import { GroupCommit } from './group-commit.js';
import { INBOX_CHANNEL, listenOn, type ListenTimings } from './pg-listener.js';
import { QUEUES } from './queue-statements.js';
import { endRun } from './run-end.js';
import { inTransaction, single } from './sql-session.js';

/** Days of body partitions made ahead. */
const PARTITION_DAYS = 7;
/** Sources planned in one statement; the next one goes on behind them. */
const PLAN_SOURCES = 100;
/** Runs of one queue that a look counts at least: more own runs are never claimed at once. */
const LOOK_RUNS = 128;

interface Planned {
  handled: number;
  sources: number;
  tenant: string | null;
  source: string | null;
}

/** Role `ecluse_dispatcher`, which works across tenants. */
export class PostgresDispatchStore implements DispatchStore {
  private planAfter: [tenant: string, source: string] = ['', ''];
  private readonly marks: GroupCommit<StartedRun, undefined>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly timings: ListenTimings = {},
  ) {
    this.marks = new GroupCommit(
      (runs) => this.markAll(runs),
      (error) => isEcluseError(error),
    );
  }

  async plan(limit: number): Promise<number> {
    const [row] = await single<Planned>(this.dataSource, PLAN, [limit, ...this.planAfter, PLAN_SOURCES]);
    const wrapped = this.planAfter[0] !== '';
    this.planAfter =
      row?.sources === PLAN_SOURCES && row.tenant !== null && row.source !== null
        ? [row.tenant, row.source]
        : ['', ''];
    // Behind the last source the walk begins again at the first.
    return row?.sources === 0 && wrapped ? this.plan(limit) : (row?.handled ?? 0);
  }

  async awaken(): Promise<number> {
    return (await single(this.dataSource, AWAKEN)).length;
  }

  async queues(after: string, count: number): Promise<QueueLook[]> {
    return single<QueueLook>(this.dataSource, QUEUES, [after, count, LOOK_RUNS]);
  }

  async claim(claimant: string, quotas: readonly RunQuota[], claimSeconds: number): Promise<QueuedRun[]> {
    if (quotas.length === 0) return [];
    const queues = quotas.map(({ queue }) => queue);
    const sizes = quotas.map(({ size }) => size);
    const aloneOnly = quotas.map((quota) => quota.aloneOnly);
    return single<QueuedRun>(this.dataSource, CLAIM, [claimant, queues, sizes, aloneOnly, claimSeconds]);
  }

  async markStarted(run: StartedRun): Promise<void> {
    await this.marks.submit(run);
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

  private async markAll(runs: readonly StartedRun[]): Promise<undefined[]> {
    const ids = runs.map((run) => run.runId);
    const temporalIds = runs.map((run) => run.temporalRunId);
    const tenants = runs.map((run) => run.tenant);
    await single(this.dataSource, MARK_STARTED, [ids, temporalIds, tenants]);
    return runs.map(() => undefined);
  }
}
