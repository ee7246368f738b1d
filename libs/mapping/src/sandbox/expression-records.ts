import type { MappingLimits } from '../limits.js';

/** How an evaluation in the sandbox ended. `timeout`: CPU time or wall clock; `limit`: any other limit. */
export type Ending = 'completed' | 'limit' | 'timeout';
export type TimeLimits = Pick<MappingLimits, 'cpuMs' | 'wallMs'>;

/** Evaluations that are remembered per expression. */
export const REMEMBERED = 16;
/** Time-outs among them after which the expression gets less time. */
export const TIMEOUTS_BEFORE_SHORT = 3;
/** What is left of the limits then, unless completed evaluations show that the expression needs more. */
export const SHORT_SHARE = 1 / 5;
/** Times the longest completed evaluation that an expression always gets, up to the full limits. */
export const HEADROOM = 4;
/** An expression is no longer suspect when it ran into no limit for this long. Milliseconds. */
export const SUSPECT_MS = 600_000;
/** Expressions kept, least recently used first to go. */
const MOST_KEPT = 1_000;

interface Record {
  endings: { ending: Ending; ms: number }[];
  /** Monotonic milliseconds of the last limit. */
  limitedAt: number;
}

/** What the sandbox knows about expressions by what they did lately. Decides; runs nothing. */
export class ExpressionRecords {
  private readonly records = new Map<string, Record>();

  /** @param now Monotonic milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param ms Wall clock that the evaluation took. */
  note(expression: string, ending: Ending, ms: number): void {
    const record = this.records.get(expression) ?? { endings: [], limitedAt: -Infinity };
    record.endings.push({ ending, ms });
    if (record.endings.length > REMEMBERED) record.endings.shift();
    if (ending !== 'completed') record.limitedAt = this.now();
    this.records.delete(expression);
    this.records.set(expression, record);
    const [oldest] = this.records.keys();
    if (this.records.size > MOST_KEPT && oldest !== undefined) this.records.delete(oldest);
  }

  /** It ran into a limit lately, and may again: it must not stand in the way of others. */
  isSuspect(expression: string): boolean {
    const record = this.records.get(expression);
    if (record === undefined || this.now() - record.limitedAt > SUSPECT_MS) return false;
    return record.endings.some(({ ending }) => ending !== 'completed');
  }

  /** The time that the next evaluation gets: less after several time-outs, never less than completed ones needed. */
  timesOf(expression: string, full: TimeLimits): TimeLimits {
    const endings = this.isSuspect(expression) ? (this.records.get(expression)?.endings ?? []) : [];
    const timeouts = endings.filter(({ ending }) => ending === 'timeout').length;
    if (timeouts < TIMEOUTS_BEFORE_SHORT) return { cpuMs: full.cpuMs, wallMs: full.wallMs };
    const needed = Math.max(0, ...endings.filter(({ ending }) => ending === 'completed').map(({ ms }) => ms));
    const short = (limit: number): number =>
      Math.min(limit, Math.max(limit * SHORT_SHARE, HEADROOM * needed));
    return { cpuMs: short(full.cpuMs), wallMs: short(full.wallMs) };
  }
}
