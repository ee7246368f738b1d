import { isEcluseError } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import type { BatchDispatch, LaneDispatch, ReconcileStore, RunCursor, UnsettledRun } from '@ecluse/storage';
import type { DispatchObserver } from './dispatch-observer.js';
import type { EngineRecords } from './engine.js';
import { mapBounded } from './map-bounded.js';
import { WorkLoop, type Pause } from './work-loop.js';

export interface ReconcilerDeps {
  store: ReconcileStore;
  batches: Pick<BatchDispatch, 'dissolve'>;
  lanes: Pick<LaneDispatch, 'recallLane'>;
  engine: EngineRecords;
  observer: DispatchObserver;
  /** Called when runs wait again. */
  onQueued: () => void;
  log: Logger;
}
export interface ReconcilerOptions {
  /** Name of this process at the lanes. */
  claimant: string;
  /** Milliseconds between two turns while nothing is wrong. */
  everyMs: number;
  /** Runs and batches younger than this are left alone, unless the engine was set up anew. */
  olderThanSeconds: number;
}

/** Runs or batches of one page; one turn looks at one page of each. */
const PAGE = 200;
/** Questions to the engine at once. */
const AT_ONCE = 8;
const LOST = 'the engine does not know the run';
const LOST_LANE = 'the workflow of the lane is gone';

/**
 * Compares what the store calls under way with what the engine knows. What the engine does not know (it was wiped,
 * restored from an old backup, or forgot it) waits again in its old place: the effect ledger keeps a second run from
 * repeating what the first one did. What the engine ended without a record becomes a dead letter. Goes through
 * everything page by page, slowly while all is well and at once from page to page while it finds losses.
 */
export class Reconciler {
  private readonly loop: WorkLoop;
  private runsAfter: RunCursor | null = null;
  private batchesAfter: string | null = null;
  private identity: string | undefined;
  /** Since the engine was set up anew, until everything was looked at once: age is no excuse. */
  private suspicious = false;

  constructor(
    private readonly deps: ReconcilerDeps,
    private readonly options: ReconcilerOptions,
  ) {
    this.loop = new WorkLoop('reconcile', () => this.turn(), deps.log);
  }

  /** Begins; returns at once. */
  start(): void {
    this.loop.start();
  }

  /** Lets the present page end. */
  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async turn(): Promise<Pause> {
    try {
      await this.recognise();
      const lost = (await this.checkBatches()) + (await this.checkRuns());
      const done = this.runsAfter === null && this.batchesAfter === null;
      if (done) this.suspicious = false;
      return { ms: lost > 0 || this.suspicious ? 0 : this.options.everyMs };
    } catch (error) {
      // Nothing can be said about a run while the engine is away.
      if (!isEcluseError(error, 'ENGINE_UNAVAILABLE')) throw error;
      return { ms: this.options.everyMs };
    }
  }

  private async recognise(): Promise<void> {
    const identity = await this.deps.engine.identity();
    if (this.identity !== undefined && this.identity !== identity) {
      this.deps.log.warn('the engine was set up anew: all runs under way are looked for');
      this.suspicious = true;
      this.runsAfter = null;
      this.batchesAfter = null;
    }
    this.identity = identity;
  }

  private get olderThanSeconds(): number {
    return this.suspicious ? 0 : this.options.olderThanSeconds;
  }

  private async checkBatches(): Promise<number> {
    const { store, engine } = this.deps;
    const page = await store.unsettledBatches(this.olderThanSeconds, this.batchesAfter, PAGE);
    const found = await mapBounded(page, AT_ONCE, ({ workflowId }) => engine.find(workflowId));
    const ofFinding = (finding: string): string[] =>
      page.filter((_, index) => found[index] === finding).map(({ batchId }) => batchId);
    // What the engine forgot may share a batch again. Where a batch ended without its record, one of its runs may be why.
    const unknown = await this.dissolve(ofFinding('unknown'), false);
    const closed = await this.dissolve(ofFinding('closed'), true);
    this.batchesAfter = page.length < PAGE ? null : (page.at(-1)?.batchId ?? null);
    return unknown + closed;
  }

  private async dissolve(batchIds: string[], alone: boolean): Promise<number> {
    if (batchIds.length === 0) return 0;
    const runs = await this.deps.batches.dissolve(batchIds, { alone });
    this.tell(runs);
    this.deps.log.warn('batches dissolved: the engine does not run them', { count: batchIds.length });
    return batchIds.length;
  }

  private tell(requeued: number): void {
    if (requeued === 0) return;
    this.deps.observer.reconciled('requeued', requeued);
    this.deps.onQueued();
  }

  private async checkRuns(): Promise<number> {
    const { store } = this.deps;
    const page = await store.unsettledRuns(this.olderThanSeconds, this.runsAfter, PAGE);
    const alone = page.filter(({ laneKey, batchId }) => laneKey === null && batchId === null);
    const cut = new Set(page.flatMap(({ batchId }) => (batchId === null ? [] : [batchId])));
    const lost = await this.checkOwn(alone);
    const recalled = await this.checkLanes(page);
    const dissolved = await this.dissolve([...cut], true);
    const last = page.at(-1);
    this.runsAfter = page.length < PAGE || last === undefined ? null : last;
    return lost + recalled + dissolved;
  }

  private async checkOwn(runs: UnsettledRun[]): Promise<number> {
    const { store, engine, log } = this.deps;
    const found = await mapBounded(runs, AT_ONCE, ({ workflowId }) => engine.find(workflowId));
    const requeued = await store.requeue(
      runs.filter((_, index) => found[index] === 'unknown'),
      LOST,
    );
    this.tell(requeued);
    if (requeued > 0) log.warn('runs queued again: the engine does not know them', { count: requeued });
    let ended = 0;
    for (const run of runs.filter((_, index) => found[index] === 'closed')) ended += await this.end(run);
    return requeued + ended;
  }

  private async end(run: UnsettledRun): Promise<number> {
    const { store, observer, log } = this.deps;
    const { tenant, runId, deliveryId, flow, workflowId } = run;
    if (!(await store.endUnrecorded(run, 'Temporal ended the run, and no worker recorded an outcome')))
      return 0;
    observer.reconciled('ended', 1);
    log.error('run ended without a record', { tenant, runId, deliveryId, flow, workflowId });
    return 1;
  }

  /** A lane goes on with what it was handed as long as it runs; each lane of the page is asked for once. */
  private async checkLanes(page: UnsettledRun[]): Promise<number> {
    const { engine, lanes, log } = this.deps;
    const byQueue = new Map(
      page.flatMap(({ queue, tenant, flow, laneKey }) =>
        laneKey === null ? [] : [[queue, { tenant, flow, laneKey }] as const],
      ),
    );
    const asked = [...byQueue.entries()];
    const found = await mapBounded(asked, AT_ONCE, ([, lane]) => engine.findLane(lane));
    let recalled = 0;
    for (const [queue, lane] of asked.filter((_, index) => found[index] !== 'running')) {
      const count = await lanes.recallLane(this.options.claimant, queue, LOST_LANE);
      if (count > 0) log.warn('lane begins anew', { ...lane, count, reason: LOST_LANE });
      this.tell(count);
      recalled += count;
    }
    return recalled;
  }
}
