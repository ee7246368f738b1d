import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runB, runS, type Fault } from '../runs/run-s.js';
import type { PartName } from '../stack/fault-stack.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Kills a server, keeps it down, and waits until it is ready again. */
function outage({ stack }: CaseContext, name: PartName, downMs: number): Fault {
  return async () => {
    const part = stack.part(name);
    const killed = Date.now();
    part.hold();
    await part.kill();
    await pause(downMs);
    part.release();
    const ready = await part.backSince(killed);
    return { progress: { since: ready, limitMs: 30_000 }, door: { since: ready, limitMs: 10_000 } };
  };
}

export const F3: FaultCase = {
  id: 'F3',
  fault: 'kill -9 of Temporal, down for 5 s',
  means: 'signal, held down',
  variants: [
    {
      name: 'S',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 10 },
      run: (context) =>
        runS(context, { leastSuccesses: 1, fault: outage(context, 'temporal', 5_000), drainSeconds: 30 }),
    },
    {
      name: 'B',
      kills: true,
      runs: { quick: 0, full: 1, thorough: 5 },
      run: (context) =>
        runB(context, { leastSuccesses: 1, fault: outage(context, 'temporal', 5_000), drainSeconds: 30 }),
    },
  ],
};

export const F4: FaultCase = {
  id: 'F4',
  fault: 'kill -9 of PostgreSQL; an outage of 60 s (quick: 5 s)',
  means: 'signal, held down; the remotes are in the same server and away with it',
  variants: [
    {
      name: 'restart',
      kills: true,
      runs: { quick: 0, full: 0, thorough: 10 },
      run: (context) => runS(context, { leastSuccesses: 1, fault: outage(context, 'postgres', 0) }),
    },
    {
      name: 'outage',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 3 },
      run: (context) =>
        runS(context, {
          leastSuccesses: 1,
          fault: outage(context, 'postgres', context.quick ? 5_000 : 60_000),
        }),
    },
  ],
};

export const F5: FaultCase = {
  id: 'F5',
  fault: 'power cut: kill -9 of everything at once',
  means: 'signals to all groups at the same instant',
  variants: [
    {
      name: 'S',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 10 },
      run: (context) => runS(context, { leastSuccesses: 1, doorP99Ms: null, fault: powerCut(context) }),
    },
  ],
};

function powerCut({ stack }: CaseContext): Fault {
  return async () => {
    const cut = Date.now();
    stack.cutPower();
    for (const name of ['postgres', 'temporal', 'vault', 'worker', 'ingress', 'admin-api'] as const) {
      await stack.part(name).backSince(cut);
    }
    return { progress: { since: cut, limitMs: 30_000 } };
  };
}

/** Longer than an attempt of a call may take, so that the frozen worker's work is done by its next attempt. */
const FREEZE_MS = { worker: 30_000, ingress: 30_000, temporal: 30_000 } as const;
const QUICK_FREEZE_MS = { worker: 22_000, ingress: 5_000, temporal: 5_000 } as const;

export const F6: FaultCase = {
  id: 'F6',
  fault: 'SIGSTOP for 30 s, then SIGCONT (quick: the worker 22 s, the others 5 s)',
  means: 'signals to the group',
  variants: (['worker', 'ingress', 'temporal'] as const).map((name): Variant => ({
    name,
    runs: { quick: name === 'temporal' ? 0 : 1, full: name === 'temporal' ? 0 : 1, thorough: 5 },
    run: (context) =>
      runS(context, {
        // A frozen door answers nobody.
        doorP99Ms: name === 'ingress' ? null : 1_000,
        fault: async () => {
          const part = context.stack.part(name);
          part.freeze();
          await pause((context.quick ? QUICK_FREEZE_MS : FREEZE_MS)[name]);
          part.thaw();
          return { progress: { since: Date.now(), limitMs: 30_000 } };
        },
      }),
  })),
};

const SEALED_SECONDS = { quick: 8, full: 60, thorough: 120 } as const;

export const F7: FaultCase = {
  id: 'F7',
  fault: 'Vault sealed for 120 s (full: 60 s, quick: 8 s); Vault killed',
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
