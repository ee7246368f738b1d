/** Milliseconds: the soonest and the latest return that is named. */
const SOONEST_MS = 1_000;
const LATEST_MS = 30_000;
/** Weight of the newest evaluation in the mean. */
const NEWEST = 0.2;

/**
 * Tells those who were refused when to come again: one after another at the rate at which they are served, so that
 * neither do all come at once nor is the thread idle.
 */
export class ReturnSlots {
  private meanMs = 500;
  private last = -Infinity;

  /** @param now Monotonic milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param ms Time that one evaluation took. */
  served(ms: number): void {
    this.meanMs += NEWEST * (ms - this.meanMs);
  }

  /** Seconds from now, 1 to 30. */
  next(): number {
    const now = this.now();
    this.last = Math.max(now + SOONEST_MS, this.last + this.meanMs);
    // More than fit before the latest return begin again at the front: they are spread, and refused once more.
    if (this.last > now + LATEST_MS) this.last = now + SOONEST_MS;
    return (this.last - now) / 1_000;
  }
}
