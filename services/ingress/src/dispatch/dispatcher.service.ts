import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import type { DispatchStore, QueuedRun } from '@ecluse/storage';
import { backOffMs, type BackOffLimits } from './back-off.js';
import type { PartitionKeeper } from './partition-keeper.js';
import { claimSize, judgeStart } from './plan-round.js';
import type { RunStarter } from './run-starter.js';
import { WakeSignal } from './wake-signal.js';

export interface DispatcherOptions {
  /** Name of this process in the claims. */
  claimant: string;
  /** Milliseconds between two looks without a notification. */
  pollMs: number;
  /** Starts at once. Default 20. */
  concurrency?: number;
  /** How long a claim holds; far longer than a round may take. Default 10. */
  claimSeconds?: number;
}
export interface DispatcherDeps {
  store: DispatchStore;
  starter: RunStarter;
  partitions: PartitionKeeper;
  failpoints: Failpoints;
  log: Logger;
}
interface Started {
  tenant: string;
  runId: string;
  temporalRunId: string | null;
}

/** Deliveries planned in one statement. */
const PLAN_SIZE = 100;
const AWAY: BackOffLimits = { firstMs: 500, longestMs: 15_000 };

/**
 * Turns deliveries into runs and starts them: plan, claim, start, mark. Woken by notifications, with a slow poll as
 * the net. Dying between any two steps loses nothing: a claim ends by itself, and a second start is a no-op.
 * While the engine is away, rows wait and one run at a time probes it.
 */
export class Dispatcher {
  private readonly wake = new WakeSignal();
  private readonly concurrency: number;
  private readonly claimSeconds: number;
  private engineFailures = 0;
  /** While the engine is away: no claim before this time. Monotonic milliseconds. */
  private claimAt = 0;
  private storeFailures = 0;
  private stopping = false;
  private running: Promise<void> | undefined;
  private stopListening: (() => Promise<void>) | undefined;

  constructor(
    private readonly deps: DispatcherDeps,
    private readonly options: DispatcherOptions,
    private readonly random: () => number = Math.random,
  ) {
    this.concurrency = options.concurrency ?? 20;
    this.claimSeconds = options.claimSeconds ?? 10;
  }

  /** Begins; returns at once. */
  start(): void {
    this.running ??= this.run();
  }

  /** Lets the present round end, so that no claim is left behind. Takes about as long as one start may. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.raise();
    await this.running;
    await this.stopListening?.();
  }

  private async run(): Promise<void> {
    this.stopListening = await this.deps.store.listen(() => {
      this.wake.raise();
    });
    while (!this.isStopping()) {
      await this.deps.partitions.keep();
      const worked = await this.tryRound();
      if (this.storeFailures > 0) await this.pause(backOffMs(this.storeFailures, AWAY, this.random()));
      else if (!worked) await this.wake.wait(this.idleMs());
    }
  }

  /** Until the next look, or until the engine may be tried again, whichever comes first. */
  private idleMs(): number {
    const { pollMs } = this.options;
    return this.engineFailures === 0
      ? pollMs
      : Math.max(1, Math.min(pollMs, this.claimAt - performance.now()));
  }

  /** A method, because another turn of the event loop may have changed it. */
  private isStopping(): boolean {
    return this.stopping;
  }

  /** Notifications do not shorten it: they come with each delivery, and the inbox is away for all of them. */
  private async pause(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.isStopping(); left = until - performance.now())
      await this.wake.wait(left);
  }

  private async tryRound(): Promise<boolean> {
    try {
      const worked = await this.round();
      if (this.storeFailures > 0) this.deps.log.info('inbox is reachable again');
      this.storeFailures = 0;
      return worked;
    } catch (error) {
      this.storeFailures += 1;
      this.deps.log.warn('inbox could not be worked on', { attempt: this.storeFailures, error });
      return false;
    }
  }

  private async round(): Promise<boolean> {
    const { store, failpoints } = this.deps;
    const planned = await store.plan(PLAN_SIZE);
    if (performance.now() < this.claimAt) return planned > 0;
    const size = claimSize(this.engineFailures, this.concurrency);
    const runs = await store.claim(this.options.claimant, size, this.claimSeconds);
    if (this.isStopping()) {
      for (const run of runs) await store.release(run, 0, 'the dispatcher stopped');
      return false;
    }
    const outcomes = await Promise.all(runs.map((run) => this.startOne(run)));
    const started = outcomes.filter((outcome) => typeof outcome === 'object');
    if (started.length > 0) failpoints.hit('dispatch.after-start');
    await store.markStarted(started);
    this.judgeEngine(started.length > 0, outcomes.includes('away'));
    return planned > 0 || started.length > 0;
  }

  /** One round counts once, however many of its runs met the same outage. */
  private judgeEngine(started: boolean, away: boolean): void {
    if (started && this.engineFailures > 0) {
      this.deps.log.info('runs can be started again', { count: this.engineFailures });
      this.engineFailures = 0;
    }
    if (started || !away) return;
    this.engineFailures += 1;
    this.claimAt = performance.now() + backOffMs(this.engineFailures, AWAY, this.random());
  }

  private async startOne(run: QueuedRun): Promise<Started | 'away' | 'settled'> {
    const { starter, failpoints, log } = this.deps;
    failpoints.hit('dispatch.before-start');
    try {
      const { temporalRunId } = await starter.start(run);
      log.info('run started', fieldsOf(run));
      return { tenant: run.tenant, runId: run.runId, temporalRunId };
    } catch (error) {
      return this.giveBack(run, error);
    }
  }

  private async giveBack(run: QueuedRun, error: unknown): Promise<'away' | 'settled'> {
    const { store, log } = this.deps;
    const verdict = judgeStart(error, run.startAttempts, this.random());
    if (verdict.kind === 'refuse') {
      log.error('run cannot be started', { ...fieldsOf(run), reason: verdict.reason });
      await store.refuse(run, verdict.reason);
      return 'settled';
    }
    log.warn('run not started yet', { ...fieldsOf(run), reason: verdict.reason, error });
    await store.release(run, verdict.delaySeconds, verdict.reason);
    return verdict.engineAway ? 'away' : 'settled';
  }
}

function fieldsOf({ tenant, runId, deliveryId, flow, flowVersion, workflowId, startAttempts }: QueuedRun) {
  return { tenant, runId, deliveryId, flow, flowVersion, workflowId, attempt: startAttempts };
}
