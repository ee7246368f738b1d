import { judge, type JudgeOptions } from '../invariants/invariants.js';
import type { Attempt } from '../sender/sender.js';
import type { CaseContext } from './case-context.js';
import type { RunEvidence } from './run-record.js';

/** A time that the case demands. Milliseconds. */
export interface Recovery {
  readonly ms: number;
  readonly limitMs: number;
}

/** What one run of a case found. */
export interface FaultResult {
  readonly seed: number;
  /** Accepted and without all of their effects when the fault hit. */
  readonly inFlight: number;
  readonly accepted: number;
  readonly lost: number;
  readonly doubled: number;
  readonly absorbed: number;
  readonly parked: number;
  /** 0 to 1. */
  readonly successes: number;
  readonly recovery: Readonly<Record<string, Recovery>>;
  /** Latency of the door's answers while the fault lasted; null: it answered nothing then. Milliseconds. */
  readonly door: { readonly worstMs: number; readonly p99Ms: number } | null;
  /** Whether the door has to stay quick (T9): the fault hits something else. */
  readonly doorSpared: boolean;
  /** Pieces of work by process, where several share it. */
  readonly shares?: Readonly<Record<string, number>>;
  /** What must never happen, whatever the machine does meanwhile. */
  readonly violations: readonly string[];
  /** Times that were missed; they count on a machine that is left alone. */
  readonly late: readonly string[];
}

/** When the fault hit and when it was over. Wall-clock milliseconds. */
export interface FaultSpan {
  readonly from: number;
  readonly to: number;
}

export interface ResultOptions extends JudgeOptions {
  readonly recovery?: Readonly<Record<string, Recovery>>;
  /** Largest p99 of the door while the fault lasts; null: the door itself is what fails. Default 1,000 ms. */
  readonly doorP99Ms?: number | null;
  /** Violations that the case found itself. */
  readonly violations?: readonly string[];
}

/** Waits until every message under the prefix is final. False after `seconds`. */
export async function drained(context: CaseContext, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const unfinished = await context.inspector.unfinished(context.prefix).catch(() => -1);
    if (unfinished === 0) return true;
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Collects both sides' records of a run. */
export async function collect(
  context: CaseContext,
  messages: RunEvidence['messages'],
  attempts: readonly Attempt[],
): Promise<RunEvidence> {
  const { inspector, remotes, prefix, canaries } = context;
  const [deliveries, commits, leaks] = await Promise.all([
    inspector.deliveries(prefix),
    remotes.commits(prefix),
    inspector.leaks(canaries),
  ]);
  return { messages, attempts, deliveries, commits, leaks };
}

/** Judges the evidence, and the times. */
export function resultOf(
  context: Pick<CaseContext, 'seed'>,
  evidence: RunEvidence,
  span: FaultSpan,
  options: ResultOptions = {},
): FaultResult {
  const { recovery = {}, doorP99Ms = 1_000, violations = [] } = options;
  const { violations: broken, ...counts } = judge(evidence, options);
  const door = doorDuring(evidence.attempts, span);
  const slow = Object.entries(recovery).filter(([, { ms, limitMs }]) => !(ms <= limitMs));
  return {
    seed: context.seed,
    inFlight: inFlightAt(evidence, span.from),
    ...counts,
    recovery,
    door,
    doorSpared: doorP99Ms !== null,
    violations: [...broken, ...violations],
    late: [
      ...slow.map(([what, { ms, limitMs }]) => `${what}: ${seconds(ms)}, at most ${seconds(limitMs)}`),
      ...(doorP99Ms !== null && door !== null && door.p99Ms > doorP99Ms
        ? [`T9 door p99 ${door.p99Ms.toFixed(0)} ms, at most ${String(doorP99Ms)} ms`]
        : []),
    ],
  };
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
}

/** From `since` to the first commit after it, among messages accepted before it; Infinity for none. */
export function firstProgress({ attempts, commits }: RunEvidence, since: number): number {
  const before = new Set(
    attempts.filter(({ result, endedAt }) => result === 202 && endedAt <= since).map(({ id }) => id),
  );
  const later = commits.filter(({ businessId, at }) => at > since && before.has(businessId));
  return Math.min(...later.map(({ at }) => at)) - since;
}

/** From `since` to the first 202 of a request that began after it; Infinity for none, undefined when nobody knocked. */
export function doorBack({ attempts }: RunEvidence, since: number): number | undefined {
  const knocks = attempts.filter(({ startedAt }) => startedAt > since);
  if (knocks.length === 0) return undefined;
  const answers = knocks.filter(({ result }) => result === 202);
  return Math.min(...answers.map(({ endedAt }) => endedAt)) - since;
}

/** Accepted before `moment`, with less than all effects committed by then. */
function inFlightAt({ attempts, commits, messages }: RunEvidence, moment: number): number {
  const effects = Map.groupBy(
    commits.filter(({ at, absorbed }) => at <= moment && !absorbed),
    ({ businessId }) => businessId,
  );
  const wanted = new Map(messages.map(({ id, kind }) => [id, kind === 'keyless' ? 1 : 2]));
  const accepted = attempts.filter(({ result, endedAt }) => result === 202 && endedAt <= moment);
  return new Set(
    accepted.map(({ id }) => id).filter((id) => (effects.get(id)?.length ?? 0) < (wanted.get(id) ?? 2)),
  ).size;
}

function doorDuring(attempts: readonly Attempt[], { from, to }: FaultSpan): FaultResult['door'] {
  const latencies = attempts
    .filter(({ startedAt, result }) => startedAt >= from && startedAt <= to && result !== 'unreachable')
    .map(({ startedAt, endedAt }) => endedAt - startedAt)
    .sort((a, b) => a - b);
  const worstMs = latencies.at(-1);
  if (worstMs === undefined) return null;
  const p99Ms = latencies[Math.ceil(latencies.length * 0.99) - 1] ?? worstMs;
  return { worstMs, p99Ms };
}
