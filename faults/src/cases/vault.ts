import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import { runS, type Fault } from '../runs/run-s.js';
import type { FaultCase } from './fault-case.js';
import { outage } from './servers.js';

const SEALED_SECONDS = { quick: 8, full: 40, thorough: 120 } as const;

export const F7: FaultCase = {
  id: 'F7',
  fault: 'Vault sealed for 120 s (full: 40 s, quick: 8 s); Vault killed',
  means: 'seal API; signal, unsealed after the restart',
  variants: [
    {
      name: 'sealed',
      runs: { quick: 1, full: 1, thorough: 5 },
      run: (context) =>
        runS(context, {
          leastSuccesses: 1,
          fault: async () => {
            const { vault } = context.stack;
            await vault.seal();
            await pause(SEALED_SECONDS[context.form] * 1_000);
            await vault.unseal();
            return {
              progress: { since: Date.now(), limitMs: 15_000 },
              door: { since: Date.now(), limitMs: 15_000 },
            };
          },
        }),
    },
    {
      name: 'killed',
      kills: true,
      runs: { quick: 0, full: 0, thorough: 5 },
      run: (context) => runS(context, { leastSuccesses: 1, fault: outage(context, 'vault', 0) }),
    },
  ],
};

/** What Vault needs to end the sessions of a user. Milliseconds. */
const REVOCATION_MS = 2_000;

export const F8: FaultCase = {
  id: 'F8',
  fault: 'credentials revoked in the middle of calls',
  means: 'all leases of the role revoked, again and again',
  variants: [
    {
      name: 'S',
      runs: { quick: 1, full: 1, thorough: 5 },
      run: async (context) => {
        const revoked: number[] = [];
        const result = await runS(context, {
          leastSuccesses: 1,
          fault: () => revokeRepeatedly(context, revoked),
        });
        const commits = await context.remotes.commits(context.prefix);
        const users = Map.groupBy(commits, ({ user }) => user);
        const survivors = [...users].filter(([, calls]) => {
          const times = calls.map(({ at }) => at);
          return revoked.some((at) => Math.min(...times) < at && Math.max(...times) > at + REVOCATION_MS);
        });
        const violations = survivors.map(([user]) => `${user} wrote after it was revoked`);
        return { ...result, violations: [...result.violations, ...violations] };
      },
    },
  ],
};

async function revokeRepeatedly(
  { stack, quick }: CaseContext,
  revoked: number[],
): Promise<Awaited<ReturnType<Fault>>> {
  for (let index = 0; index < (quick ? 3 : 40); index += 1) {
    await stack.vault.revokeUsers('acme-erp');
    revoked.push(Date.now());
    await pause(1_000);
  }
  return { progress: { since: revoked.at(-1) ?? 0, limitMs: 15_000 } };
}
