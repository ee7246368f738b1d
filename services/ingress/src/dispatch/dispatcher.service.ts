import type { Logger } from '@ecluse/observability';
import type { DispatchStore } from '@ecluse/storage';
import type { DispatchObserver } from './dispatch-observer.js';
import type { EngineGate } from './engine-gate.js';
import type { PartitionKeeper } from './partition-keeper.js';
import type { Reconciler } from './reconciler.js';
import type { Round } from './round.js';
import type { StartPool } from './start-pool.js';
import { WorkLoop, type Pause } from './work-loop.js';

export interface DispatcherDeps {
  store: Pick<DispatchStore, 'plan' | 'awaken' | 'listen'>;
  round: Round;
  pool: StartPool;
  gate: EngineGate;
  partitions: PartitionKeeper;
  reconciler: Reconciler;
  observer: DispatchObserver;
  log: Logger;
}

/** Deliveries planned in one statement; what arrives meanwhile waits for its end, so it is kept well below a second. */
const PLAN_SIZE = 200;
/** Between looks while something is held back: nothing tells when a worker opened a run or closed a batch. */
const HELD_FIRST_MS = 25;
const HELD_LONGEST_MS = 1_000;

/**
 * Turns deliveries into runs and starts them, in two loops: one plans, the other claims and starts. Woken by
 * notifications, with a slow poll as the net. Dying between any two steps loses nothing: a claim ends by itself, and a
 * second start is a no-op. While the engine is away rows wait and one start at a time probes it.
 */
export class Dispatcher {
  private readonly planning: WorkLoop;
  private readonly starting: WorkLoop;
  private heldMs = HELD_FIRST_MS;
  private awakenedAt = -Infinity;
  private stopListening: (() => Promise<void>) | undefined;
  private listening: Promise<void> | undefined;

  /** @param pollMs Milliseconds between two looks without a notification. */
  constructor(
    private readonly deps: DispatcherDeps,
    private readonly pollMs: number,
  ) {
    this.planning = new WorkLoop('plan', () => this.plan(), deps.log);
    this.starting = new WorkLoop('start', () => this.claim(), deps.log);
  }

  /** Begins; returns at once. */
  start(): void {
    this.listening ??= this.begin();
  }

  /** Runs wait that no notification told of. */
  wake(): void {
    this.starting.raise();
  }

  /** Lets what is under way end, so that no claim is left behind. Takes about as long as one start may. */
  async stop(): Promise<void> {
    await this.listening;
    await Promise.all([this.planning.stop(), this.starting.stop(), this.deps.reconciler.stop()]);
    await this.deps.pool.drained();
    await this.stopListening?.();
  }

  private async begin(): Promise<void> {
    this.stopListening = await this.deps.store.listen(() => {
      this.planning.raise();
      // A replay is queued without being planned.
      this.starting.raise();
    });
    this.planning.start();
    this.starting.start();
    this.deps.reconciler.start();
  }

  private async plan(): Promise<Pause> {
    const { store, partitions, observer } = this.deps;
    await partitions.keep();
    if (performance.now() - this.awakenedAt >= this.pollMs) {
      this.awakenedAt = performance.now();
      await store.awaken();
    }
    const planned = await store.plan(PLAN_SIZE);
    if (planned === 0) return { ms: this.pollMs };
    observer.planned(planned);
    this.starting.raise();
    return { ms: 0 };
  }

  private async claim(): Promise<Pause> {
    const { round, gate, pool } = this.deps;
    if (gate.closedMs > 0) return { ms: gate.closedMs, leastMs: gate.closedMs };
    const { claimed, more, capped, dueMs } = await round.run();
    if (claimed) this.heldMs = HELD_FIRST_MS;
    // At its caps a queue frees one place at a time; a look for each would cost more than the starts.
    if (more || (claimed && !capped)) return { ms: 0 };
    // The engine does not take more at present; the pool tells when it may be asked again.
    if (pool.room === 0) return { ms: HELD_FIRST_MS, leastMs: HELD_FIRST_MS };
    const ms = Math.min(this.pollMs, dueMs ?? Infinity, capped ? this.heldMs : Infinity);
    if (capped) this.heldMs = Math.min(HELD_LONGEST_MS, this.heldMs * 1.5);
    return { ms, leastMs: capped ? Math.min(ms, HELD_FIRST_MS) : 0 };
  }
}
