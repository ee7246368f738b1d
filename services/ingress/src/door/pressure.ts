/** What the door has too much of. */
export type Overload = 'the event loop is late' | 'inserts wait too long';

export interface PressureLimits {
  /** Longest delay of the event loop, milliseconds. */
  maxLoopDelayMs: number;
  /** Longest time that an insert may have been waiting, milliseconds. */
  maxWaitingMs: number;
}
export interface PressureSigns {
  /** For how long the oldest waiting insert has been waiting, milliseconds. */
  oldestWaitingMs: () => number;
  /** Monotonic milliseconds. Default `performance.now`. */
  now?: () => number;
}

/** How often the delay of the event loop is measured, milliseconds. */
const TICK_MS = 20;

/**
 * Tells when the door takes longer than its senders should wait. What comes then is asked to come back before a byte
 * of its body is read: turning away costs a fraction of accepting, so the door stays able to answer.
 */
export class Pressure {
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private tickedAt: number;
  private lastDelayMs = 0;

  constructor(
    private readonly limits: PressureLimits,
    private readonly signs: PressureSigns,
  ) {
    this.now = signs.now ?? (() => performance.now());
    this.tickedAt = this.now();
  }

  /** Begins to measure the event loop. */
  start(): void {
    this.tickedAt = this.now();
    this.timer ??= setInterval(() => {
      this.tick();
    }, TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Measures; called by the timer. */
  tick(): void {
    const now = this.now();
    this.lastDelayMs = Math.max(0, now - this.tickedAt - TICK_MS);
    this.tickedAt = now;
  }

  /** Undefined while the door keeps up. */
  overload(): Overload | undefined {
    if (this.signs.oldestWaitingMs() > this.limits.maxWaitingMs) return 'inserts wait too long';
    return this.lastDelayMs > this.limits.maxLoopDelayMs ? 'the event loop is late' : undefined;
  }
}
