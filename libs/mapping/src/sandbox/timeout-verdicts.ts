import { createHash } from 'node:crypto';
import type { Failure } from '../failure.js';
import type { SandboxRequest } from './sandbox-thread.js';

/** How long a time-out of one expression over one input is remembered. Milliseconds. */
export const VERDICT_MS = 60_000;
/** Verdicts kept, the oldest go first. A key is a digest: no input stays in memory. */
const MOST_KEPT = 5_000;

interface Verdict {
  failure: Failure;
  until: number;
}

/** Time-outs by expression and everything that went in: the same again would end the same, at the same price. */
export class TimeoutVerdicts {
  private readonly kept = new Map<string, Verdict>();

  /** @param now Monotonic milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get(request: SandboxRequest): Failure | undefined {
    if (this.kept.size === 0) return undefined;
    const key = keyOf(request);
    const verdict = this.kept.get(key);
    if (verdict === undefined || verdict.until > this.now()) return verdict?.failure;
    this.kept.delete(key);
    return undefined;
  }

  put(request: SandboxRequest, failure: Failure): void {
    this.kept.set(keyOf(request), { failure, until: this.now() + VERDICT_MS });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

function keyOf({ expression, input, bindings }: SandboxRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([expression.length, input.length]))
    .update(expression)
    .update(input)
    .update(bindings)
    .digest('base64');
}
