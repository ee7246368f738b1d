import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult, FaultSpan } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Failures in a row after which a circuit has to be open. */
const MAX_FAILURES = 20;
/** These, the calls that were under way by then, and one trial after each of the growing pauses. */
const MAX_REFUSED = 40;
/** Calls that were under way when the circuit opened may still fail for so long. Milliseconds. */
const UNDER_WAY_MS = 1_000;
/** Shortest pause of an open circuit, less the time between its end and the record of the call. Milliseconds. */
const LEAST_SPACING_MS = 900;
/** A connection beside the failing one may become slower by this. */
const NEIGHBOUR_FACTOR = 1.2;
/** Fewer say nothing. */
const LEAST_SAMPLES = 15;

/** SQLSTATEs that say what HTTP says with 429, 503, 409 and 401. */
const PASSING: readonly (readonly [name: string, sqlstate: string, share: number])[] = [
  ['53300 overloaded (429)', '53300', 1],
  ['57P03 away (503)', '57P03', 1],
  ['40001 conflict, 30 % of calls (409)', '40001', 0.3],
];
/** Final at the first attempt, as 403 and 422 are. */
const FINAL: readonly (readonly [name: string, sqlstate: string])[] = [
  ['42501 forbidden (403)', '42501'],
  ['23503 missing dependency (422)', '23503'],
];

export const F13: FaultCase = {
  id: 'F13',
  fault: 'the remote fails: overloaded, away, conflicts, forbidden, a missing dependency',
  means: 'a switch at the remote raises SQLSTATEs, for a third of the run (full: 20 s)',
  notCovered:
    'a `Retry-After` of the remote: no SQLSTATE carries one; the spacing here is the one of the circuit',
  variants: [
    ...PASSING.map(([name, sqlstate, share]): Variant => ({
      name,
      runs: {
        quick: sqlstate === '53300' ? 1 : 0,
        full: sqlstate === '53300' ? 1 : 0,
        thorough: 3,
      },
      run: (context) => passing(context, sqlstate, share),
    })),
    ...FINAL.map(([name, sqlstate]): Variant => ({
      name,
      runs: {
        quick: sqlstate === '23503' ? 0 : 1,
        full: sqlstate === '23503' ? 0 : 1,
        thorough: 3,
      },
      run: (context) => final(context, sqlstate),
    })),
  ],
};

/** Everything succeeds in the end, the remote was not hammered, and the connection beside it did not notice. */
async function passing(context: CaseContext, sqlstate: string, share: number): Promise<FaultResult> {
  const { remotes, quick } = context;
  const before = await remotes.refused('erp');
  const span = { from: 0, to: 0 };
  const result = await runS(context, {
    leastSuccesses: 1,
    mix: { pair: 0.6, keyless: 0.4 },
    fault: async () => {
      span.from = Date.now();
      await remotes.behave('erp', { sqlstate, share });
      await pause(quick ? 6_000 : 20_000);
      await remotes.behave('erp');
      span.to = Date.now();
      return { progress: { since: Date.now(), limitMs: 30_000 } };
    },
  });
  const refused = (await remotes.refused('erp')) - before;
  const violations = share === 1 ? await hammering(context, span, refused) : [];
  const neighbour = await neighbourLatency(context, span);
  return {
    ...result,
    recovery: { ...result.recovery, ...neighbour.recovery },
    violations: [...result.violations, ...violations],
    late: [...result.late, ...neighbour.late],
  };
}

const FAILED_CALLS = `
SELECT coalesce(jsonb_agg(floor(extract(epoch FROM a.started_at) * 1000) ORDER BY a.started_at), '[]') AS value
FROM step_attempts a
WHERE a.connection = 'fault-erp' AND a.outcome IS DISTINCT FROM 'ok'
  AND a.started_at BETWEEN to_timestamp($1::float8 / 1000) AND to_timestamp($2::float8 / 1000)`;

/** What a remote that is down got to see: few failures until the circuit opened, then single calls, far apart. */
async function hammering(
  { inspector }: CaseContext,
  { from, to }: FaultSpan,
  refused: number,
): Promise<string[]> {
  const failures = (await inspector.value<number[]>(FAILED_CALLS, [from, to])) ?? [];
  const opening = failures[MAX_FAILURES / 2 - 1];
  const single = failures.filter((at) => opening !== undefined && at > opening + UNDER_WAY_MS);
  const gaps = single.slice(1).map((at, index) => at - (single[index] ?? 0));
  const close = gaps.filter((gap) => gap < LEAST_SPACING_MS);
  return [
    ...(refused > MAX_REFUSED
      ? [`the circuit let ${String(refused)} failures through, at most ${String(MAX_REFUSED)}`]
      : []),
    ...(single.length > MAX_FAILURES
      ? [`${String(single.length)} failures after the circuit should be open`]
      : []),
    ...(close.length > 0
      ? [
          `${String(close.length)} calls closer than ${String(LEAST_SPACING_MS)} ms: ${String(Math.min(...close))} ms`,
        ]
      : []),
  ];
}

const NEIGHBOUR_CALLS = `
SELECT coalesce(jsonb_agg(jsonb_build_object(
  'at', floor(extract(epoch FROM i.received_at) * 1000),
  'ms', floor(extract(epoch FROM a.ended_at - i.received_at) * 1000))), '[]') AS value
FROM step_attempts a JOIN runs r ON r.id = a.run_id JOIN inbox i ON i.id = r.delivery_id
WHERE a.connection = 'fault-notes' AND a.outcome = 'ok' AND starts_with(i.delivery_key, $1)`;

/** From the door to the end of the call, for the connection beside the failing one: before, and meanwhile. */
async function neighbourLatency(
  { inspector, prefix }: CaseContext,
  { from, to }: FaultSpan,
): Promise<Pick<FaultResult, 'recovery' | 'late'>> {
  const calls = (await inspector.value<{ at: number; ms: number }[]>(NEIGHBOUR_CALLS, [prefix])) ?? [];
  const before = calls.filter(({ at }) => at < from).map(({ ms }) => ms);
  const meanwhile = calls.filter(({ at }) => at >= from && at <= to).map(({ ms }) => ms);
  if (before.length < LEAST_SAMPLES || meanwhile.length < LEAST_SAMPLES) return { recovery: {}, late: [] };
  const [ms, limitMs] = [p90(meanwhile), Math.ceil(p90(before) * NEIGHBOUR_FACTOR)];
  return {
    recovery: { 'neighbour p90': { ms, limitMs } },
    late: ms <= limitMs ? [] : [`neighbour p90: ${String(ms)} ms, at most ${String(limitMs)} ms`],
  };
}

function p90(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
}

/** Dead letters at the first attempt: as many as calls were refused. */
async function final(context: CaseContext, sqlstate: string): Promise<FaultResult> {
  const { remotes, inspector, quick, prefix } = context;
  const before = await remotes.refused('erp');
  const result = await runS(context, {
    leastSuccesses: 0.3,
    mix: { pair: 1 },
    fault: async () => {
      await remotes.behave('erp', { sqlstate });
      await pause(quick ? 2_000 : 10_000);
      await remotes.behave('erp');
      return {};
    },
  });
  const refused = (await remotes.refused('erp')) - before;
  const parked = (await inspector.deliveries(prefix)).filter(({ state }) => state === 'dead_letter').length;
  const violations = [
    ...(parked > 0 ? [] : ['nothing was refused for good']),
    ...(refused === parked ? [] : [`${String(refused)} refusals for ${String(parked)} dead letters`]),
  ];
  return { ...result, violations: [...result.violations, ...violations] };
}
