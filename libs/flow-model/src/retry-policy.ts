import type { RetryPolicy } from '@ecluse/contracts';
import { parseDuration } from './duration.js';
import type { FlowIssue } from './flow-issue.js';

/** A step's retry policy with every field set. Times in milliseconds. */
export interface ResolvedRetryPolicy {
  attempts: number;
  firstMs: number;
  factor: number;
  maxMs: number;
  withinMs: number;
}

/** What a step without `retry` gets: 10 attempts, pauses 1 s, 2 s, … up to 100 s, all within 24 h. */
export const DEFAULT_RETRY_POLICY = {
  attempts: 10,
  first: '1s',
  factor: 2,
  max: '100s',
  within: '24h',
} as const satisfies Required<RetryPolicy>;

/** Bounds of `retry`. A shorter first pause would hammer a remote; 30 days is how long a stored body may be needed. */
export const RETRY_LIMITS = {
  attempts: 100,
  factor: 10,
  firstMs: 100,
  maxMs: 86_400_000,
  withinMs: 2_592_000_000,
} as const;

/**
 * Fills in defaults and turns durations into milliseconds. A `first` above the default `max` raises `max` with it.
 * Throws RangeError for durations that `checkRetryPolicy` refuses; published flows hold none.
 */
export function resolveRetryPolicy(policy: RetryPolicy = {}): ResolvedRetryPolicy {
  const firstMs = milliseconds(policy.first ?? DEFAULT_RETRY_POLICY.first);
  return {
    attempts: policy.attempts ?? DEFAULT_RETRY_POLICY.attempts,
    firstMs,
    factor: policy.factor ?? DEFAULT_RETRY_POLICY.factor,
    maxMs:
      policy.max === undefined
        ? Math.max(firstMs, milliseconds(DEFAULT_RETRY_POLICY.max))
        : milliseconds(policy.max),
    withinMs: milliseconds(policy.within ?? DEFAULT_RETRY_POLICY.within),
  };
}

/** Pause before the n-th retry, in milliseconds: `first`, then longer by `factor`, up to `max`. @param retry From 1. */
export function pauseBefore(policy: ResolvedRetryPolicy, retry: number): number {
  return Math.min(policy.firstMs * policy.factor ** (retry - 1), policy.maxMs);
}

function milliseconds(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new RangeError(`retry policy: duration ${parsed.message}`);
  return parsed.ms;
}

/** Every way in which a retry policy is wrong, with pointers below `pointer`. */
export function checkRetryPolicy(policy: RetryPolicy, pointer: string): FlowIssue[] {
  const durations = [
    durationIssue(policy.first, `${pointer}/first`, RETRY_LIMITS.firstMs, RETRY_LIMITS.maxMs, '100ms to 24h'),
    durationIssue(policy.max, `${pointer}/max`, RETRY_LIMITS.firstMs, RETRY_LIMITS.maxMs, '100ms to 24h'),
    durationIssue(
      policy.within,
      `${pointer}/within`,
      RETRY_LIMITS.firstMs,
      RETRY_LIMITS.withinMs,
      '100ms to 30d',
    ),
  ].filter((issue) => issue !== null);
  const numbers = [
    numberIssue(policy.attempts, `${pointer}/attempts`, RETRY_LIMITS.attempts, true),
    numberIssue(policy.factor, `${pointer}/factor`, RETRY_LIMITS.factor, false),
  ].filter((issue) => issue !== null);
  if (durations.length > 0) return [...numbers, ...durations];
  const resolved = resolveRetryPolicy(policy);
  if (resolved.maxMs >= resolved.firstMs) return numbers;
  const order = {
    pointer: `${pointer}/max`,
    message: 'is shorter than `first`',
    expected: 'at least as long as `first`',
  };
  return [...numbers, { ...order, remedy: 'Raise `max` or lower `first`.', kind: 'limit' }];
}

function durationIssue(
  text: string | undefined,
  pointer: string,
  min: number,
  max: number,
  range: string,
): FlowIssue | null {
  if (text === undefined) return null;
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    return {
      pointer,
      message: parsed.message,
      expected: parsed.expected,
      remedy: 'Write a duration such as 30s.',
      kind: 'limit',
    };
  }
  if (parsed.ms >= min && parsed.ms <= max) return null;
  return {
    pointer,
    message: 'is out of range',
    expected: range,
    remedy: `Use a duration from ${range}.`,
    kind: 'limit',
  };
}

function numberIssue(
  value: number | undefined,
  pointer: string,
  max: number,
  whole: boolean,
): FlowIssue | null {
  if (value === undefined || (value >= 1 && value <= max && (!whole || Number.isInteger(value)))) return null;
  const expected = `${whole ? 'a whole number' : 'a number'} from 1 to ${String(max)}`;
  return { pointer, message: 'is out of range', expected, remedy: `Use ${expected}.`, kind: 'limit' };
}
