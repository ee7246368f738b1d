import { backOffMs, type BackOffLimits } from './back-off.js';

/** Short at the longest: a probe costs one call, and every accepted delivery waits for it. */
const AWAY: BackOffLimits = { firstMs: 500, longestMs: 5_000 };

/** Milliseconds. A start that takes longer waited for others: fewer at once are as quick, and stay far from the deadline. */
const SLOW_MS = 500;

/**
 * How many starts the engine may be given at once. Halved when it is away or overloaded, lowered while it is slow, raised
 * step by step while it takes what it gets at once. After a failure everything pauses, and one start at a time probes until one succeeds.
 */
export class EngineGate {
  private most: number;
  private succeededSince = 0;
  private failuresInARow = 0;
  private judgedAt = -Infinity;
  private slowedAt = -Infinity;
  private opensAt = -Infinity;

  /**
   * @param top Most starts at once.
   * @param now Monotonic milliseconds.
   */
  constructor(
    private readonly top: number,
    private readonly random: () => number = Math.random,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.most = top;
  }

  /** Starts that may be under way now, those that are included. */
  get limit(): number {
    if (this.now() < this.opensAt) return 0;
    return this.failuresInARow > 0 ? 1 : this.most;
  }

  /** Failures since the last success; those of starts that were under way together count once. */
  get failures(): number {
    return this.failuresInARow;
  }

  /** Milliseconds until it opens; 0 when it is open. */
  get closedMs(): number {
    return Math.max(0, this.opensAt - this.now());
  }

  /** @param begunAt When the start began: one that began before the last failure says nothing about the time since. */
  succeeded(begunAt: number): void {
    if (begunAt < this.judgedAt) return;
    this.failuresInARow = 0;
    if (this.now() - begunAt > SLOW_MS) {
      this.slow(begunAt);
      return;
    }
    this.succeededSince += 1;
    if (this.succeededSince * 4 < this.most) return;
    this.succeededSince = 0;
    this.most = Math.min(this.top, this.most + 1);
  }

  /** Of a start that the engine, or what the start needs, could not take. */
  failed(begunAt: number): void {
    if (begunAt < this.judgedAt) return;
    this.judgedAt = this.now();
    this.failuresInARow += 1;
    this.succeededSince = 0;
    this.most = Math.max(1, Math.floor(this.most / 2));
    this.opensAt = this.judgedAt + backOffMs(this.failuresInARow, AWAY, this.random());
  }

  /** Starts that were under way together slow it down once. */
  private slow(begunAt: number): void {
    if (begunAt < this.slowedAt) return;
    this.slowedAt = this.now();
    this.succeededSince = 0;
    this.most = Math.max(1, Math.floor((this.most * 3) / 4));
  }
}
