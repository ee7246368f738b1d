import { randomUUID } from 'node:crypto';
import type { BatchDispatch, DispatchStore, LaneDispatch } from '@ecluse/storage';
import type { BatchStarts } from './batch-starts.js';
import type { DispatchObserver } from './dispatch-observer.js';
import type { LaneStarts } from './lane-starts.js';
import type { QueueLimits } from './queue-quota.js';
import type { RunStarts } from './run-starts.js';
import { shareRoom, soonest, type RoundQuotas } from './share-room.js';
import type { StartPool } from './start-pool.js';

export interface RoundDeps {
  store: Pick<DispatchStore, 'queues' | 'claim'>;
  batches: Pick<BatchDispatch, 'form' | 'takeOver'>;
  lanes: Pick<LaneDispatch, 'leaseLanes'>;
  runStarts: RunStarts;
  batchStarts: BatchStarts;
  laneStarts: LaneStarts;
  pool: StartPool;
  observer: DispatchObserver;
}
export interface RoundOptions {
  claimant: string;
  limits: QueueLimits;
  /** How long a claim or a lease holds; far longer than a start may take. */
  claimSeconds: number;
}
/** What a round found. */
export interface RoundResult {
  /** Something was claimed since the walk last began. */
  claimed: boolean;
  /** More queues are to be looked at: the next round comes at once. */
  more: boolean;
  /** See `RoundQuotas`; both over all queues since the walk last began. */
  capped: boolean;
  dueMs: number | null;
}

/** Queues of one look. */
const QUEUES = 256;
/** Bodies of one batch, bytes: the activities hold them all. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Between two looks for batches that nobody starts. */
const TAKE_OVER_MS = 1_000;

/** Looks at the queues, claims what their quotas allow, and hands it to the pool without waiting for the starts. */
export class Round {
  private after = '';
  private capped = false;
  private dueMs: number | null = null;
  private claimedInWalk = 0;
  private takenOverAt = -Infinity;

  constructor(
    private readonly deps: RoundDeps,
    private readonly options: RoundOptions,
  ) {}

  async run(): Promise<RoundResult> {
    const { pool, store, observer, runStarts } = this.deps;
    await pool.roomy();
    if (pool.room === 0) return { claimed: false, more: false, capped: true, dueMs: null };
    await this.takeOver();
    const looks = await store.queues(this.after, QUEUES);
    observer.looked(looks);
    const quotas = shareRoom(looks, pool.room, this.options.limits, (queue) => runStarts.inFlight(queue));
    this.claimedInWalk += await this.claim(quotas);
    this.capped ||= quotas.capped;
    this.dueMs = soonest(this.dueMs, quotas.dueMs);
    const last = looks.at(-1)?.queue;
    const ended = looks.length < QUEUES && (quotas.after === null || quotas.after === last);
    return ended ? this.endWalk() : this.goOn(quotas.after);
  }

  private goOn(after: string | null): RoundResult {
    this.after = after ?? this.after;
    return this.result(true);
  }

  private endWalk(): RoundResult {
    const result = this.result(false);
    this.after = '';
    this.capped = false;
    this.dueMs = null;
    this.claimedInWalk = 0;
    return result;
  }

  private result(more: boolean): RoundResult {
    return { claimed: this.claimedInWalk > 0, more, capped: this.capped, dueMs: this.dueMs };
  }

  private async claim(quotas: RoundQuotas): Promise<number> {
    const counts = await Promise.all([
      this.claimRuns(quotas),
      this.formBatches(quotas),
      this.leaseLanes(quotas),
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async claimRuns(quotas: RoundQuotas): Promise<number> {
    const { store, pool, runStarts } = this.deps;
    const { claimant, claimSeconds } = this.options;
    const runs = await store.claim(claimant, quotas.runs, claimSeconds);
    for (const run of runs) pool.add(() => runStarts.start(run));
    return runs.length;
  }

  private async formBatches(quotas: RoundQuotas): Promise<number> {
    const { batches, pool, batchStarts } = this.deps;
    const wanted = quotas.batches.map((quota) => ({ ...quota, batchId: randomUUID() }));
    const formed = await batches.form(wanted, BATCH_BYTES);
    for (const batch of formed) pool.add(() => batchStarts.start(batch));
    return formed.length;
  }

  private async leaseLanes(quotas: RoundQuotas): Promise<number> {
    const { lanes, pool, laneStarts } = this.deps;
    const { claimant, claimSeconds } = this.options;
    const leasedAt = performance.now();
    const leased = await lanes.leaseLanes(claimant, quotas.lanes, claimSeconds);
    for (const lane of leased) pool.add(() => laneStarts.start(lane, leasedAt));
    return leased.length;
  }

  private async takeOver(): Promise<void> {
    const { batches, pool, batchStarts } = this.deps;
    if (performance.now() - this.takenOverAt < TAKE_OVER_MS) return;
    this.takenOverAt = performance.now();
    const late = await batches.takeOver(this.options.claimSeconds, pool.room);
    for (const batch of late) pool.add(() => batchStarts.start(batch));
  }
}
