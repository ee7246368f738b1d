/** Failed authentications that one address may make within the window. */
export const MOST_FAILURES = 20;
/** Milliseconds. */
export const WINDOW_MS = 60_000;
/** Addresses remembered; beyond it the oldest is forgotten. */
const MOST_ADDRESSES = 10_000;

/**
 * Counts failed authentications by address and refuses further tries for the rest of the window. Per process and
 * in memory: keys hold 256 random bits, so this saves work rather than the keys.
 */
export class FailureLimiter {
  private readonly failures = new Map<string, { count: number; until: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Seconds to wait, or undefined when the address may try. */
  blockedFor(address: string): number | undefined {
    const entry = this.failures.get(address);
    if (entry === undefined || entry.count < MOST_FAILURES || entry.until <= this.now()) return undefined;
    return Math.ceil((entry.until - this.now()) / 1000);
  }

  failed(address: string): void {
    const entry = this.failures.get(address);
    if (entry !== undefined && entry.until > this.now()) {
      entry.count += 1;
      return;
    }
    this.failures.delete(address);
    this.failures.set(address, { count: 1, until: this.now() + WINDOW_MS });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_ADDRESSES && oldest !== undefined) this.failures.delete(oldest);
  }
}
