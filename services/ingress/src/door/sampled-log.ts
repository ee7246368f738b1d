import type { LogFields, Logger } from '@ecluse/observability';

/** Lines of one kind that are written per second. */
const LINES = 3;
const WINDOW_MS = 1_000;
/** Kinds told apart; codes and reasons are far fewer. */
const MOST_KINDS = 500;

interface Kind {
  windowEndsAt: number;
  written: number;
  withheld: number;
}

/**
 * A log of what a stranger can cause as often as they like: a few lines per second and kind, and how many were
 * withheld in `count` of the next one, so that a flood neither fills the disk nor hides that it is one.
 */
export class SampledLog {
  private readonly kinds = new Map<string, Kind>();

  /** @param now Monotonic milliseconds. */
  constructor(
    private readonly log: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param kind What is counted together; chosen by this process, never by a sender. */
  write(level: 'warn' | 'error', message: string, kind: string, fields: () => LogFields): void {
    const state = this.stateOf(kind);
    const now = this.now();
    if (now >= state.windowEndsAt) {
      state.windowEndsAt = now + WINDOW_MS;
      state.written = 0;
    }
    if (state.written >= LINES) {
      this.withhold(state, level, message, kind);
      return;
    }
    state.written += 1;
    this.log[level](message, fields());
  }

  private stateOf(kind: string): Kind {
    const known = this.kinds.get(kind);
    if (known !== undefined) return known;
    if (this.kinds.size >= MOST_KINDS) this.kinds.clear();
    const fresh = { windowEndsAt: 0, written: 0, withheld: 0 };
    this.kinds.set(kind, fresh);
    return fresh;
  }

  /** Counts it; the window's end tells the sum. */
  private withhold(state: Kind, level: 'warn' | 'error', message: string, kind: string): void {
    state.withheld += 1;
    if (state.withheld > 1) return;
    setTimeout(
      () => {
        this.log[level](`${message}, more of the same`, { reason: kind, count: state.withheld });
        state.withheld = 0;
      },
      Math.max(0, state.windowEndsAt - this.now()),
    ).unref();
  }
}
