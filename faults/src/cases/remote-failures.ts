import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Failures that a circuit may cost before it opens, and the probes of the time that it stays open. */
const MAX_REFUSED = 40;

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
  notCovered: "Retry-After and other connectors' latency under it: HTTP, with the rest connector",
  variants: [
    ...PASSING.map(([name, sqlstate, share]): Variant => ({
      name,
      runs: { quick: sqlstate === '53300' ? 1 : 0, full: 3 },
      run: (context) => passing(context, sqlstate, share),
    })),
    ...FINAL.map(([name, sqlstate]): Variant => ({
      name,
      runs: { quick: sqlstate === '23503' ? 0 : 1, full: 3 },
      run: (context) => final(context, sqlstate),
    })),
  ],
};

/** Everything succeeds in the end, and the remote was not hammered. */
async function passing(context: CaseContext, sqlstate: string, share: number): Promise<FaultResult> {
  const { remotes, quick } = context;
  const before = await remotes.refused('erp');
  const result = await runS(context, {
    leastSuccesses: 1,
    fault: async () => {
      await remotes.behave('erp', { sqlstate, share });
      await pause(quick ? 6_000 : 20_000);
      await remotes.behave('erp');
      return { progress: { since: Date.now(), limitMs: 30_000 } };
    },
  });
  const refused = (await remotes.refused('erp')) - before;
  const hammered = share === 1 && refused > MAX_REFUSED;
  const violations = hammered
    ? [`the circuit let ${String(refused)} failures through, at most ${String(MAX_REFUSED)}`]
    : [];
  return { ...result, violations: [...result.violations, ...violations] };
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
