import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import type { FaultCase } from './fault-case.js';

export const R: FaultCase = {
  id: 'R',
  fault: "Temporal's data wiped while deliveries are in flight",
  means: 'killed, its database removed, started empty',
  variants: [
    {
      name: 'S',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 5 },
      run: wiped,
    },
  ],
};

/** How long a run may be under way before the reconciler asks Temporal about it, for this case. Seconds. */
const RECONCILE_AFTER_SECONDS = 15;

async function wiped(context: CaseContext): Promise<FaultResult> {
  const { stack } = context;
  const after = String(RECONCILE_AFTER_SECONDS);
  await stack.reconfigure(['ingress'], { ingress: { ECLUSE_DISPATCHER_RECONCILE_AFTER_SECONDS: after } });
  try {
    return await runS(context, {
      leastSuccesses: 1,
      drainSeconds: 120,
      fault: async () => {
        const begun = Date.now();
        await stack.wipeTemporal();
        const ready = await stack.part('temporal').backSince(begun);
        return { progress: { since: ready, limitMs: 60_000 } };
      },
    });
  } finally {
    await stack.reconfigure(['ingress'], {});
  }
}
