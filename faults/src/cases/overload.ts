import { readFile } from 'node:fs/promises';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import type { FaultCase } from './fault-case.js';

/** Far beyond what two cores complete; the inbox has to take it. Deliveries per second. */
const OVERLOAD_PER_SECOND = 150;
/** About four fifths of what two cores complete. */
const SOAK_PER_SECOND = 25;
const OVERLOAD_SECONDS = { quick: 6, full: 30, thorough: 60 } as const;
const DRAIN_SECONDS = { quick: 120, full: 300, thorough: 600 } as const;
const SOAK_SECONDS = { quick: 10, full: 60, thorough: 600 } as const;
const MAX_GROWTH_BYTES_PER_MINUTE = 1 << 20;
/** A slope over a shorter time measures the garbage collector. Seconds. */
const LEAST_FOR_SLOPE_SECONDS = 300;

export const F21: FaultCase = {
  id: 'F21',
  fault:
    'overload: three times what two cores complete, for 60 s (full: 30 s, quick: 6 s); then a soak of 10 min (quick: 10 s)',
  means: 'open loop',
  variants: [
    {
      name: 'overload',
      runs: { quick: 1, full: 1, thorough: 3 },
      run: (context) =>
        runS(context, {
          perSecond: OVERLOAD_PER_SECOND,
          seconds: OVERLOAD_SECONDS[context.form],
          mix: { pair: 1 },
          drainSeconds: DRAIN_SECONDS[context.form],
          fault: () => Promise.resolve({}),
        }),
    },
    { name: 'soak', runs: { quick: 1, full: 0, thorough: 1 }, run: soak },
  ],
};

async function soak(context: CaseContext): Promise<FaultResult> {
  const seconds = SOAK_SECONDS[context.form];
  const before = await residentBytes(context);
  const result = await runS(context, {
    perSecond: SOAK_PER_SECOND,
    seconds,
    fault: () => Promise.resolve({}),
  });
  const growth = ((await residentBytes(context)) - before) / (seconds / 60);
  const leaks = seconds >= LEAST_FOR_SLOPE_SECONDS && growth > MAX_GROWTH_BYTES_PER_MINUTE;
  const violations = leaks ? [`memory grows by ${(growth / 2 ** 20).toFixed(1)} MB a minute`] : [];
  return { ...result, violations: [...result.violations, ...violations] };
}

/** Memory of ingress and worker without their children. */
async function residentBytes({ stack }: CaseContext): Promise<number> {
  const sizes = (['ingress', 'worker'] as const).map(async (name) => {
    const status = await readFile(`/proc/${String(stack.part(name).currentPid ?? 0)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
