import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import { runB, runS, type Fault } from '../runs/run-s.js';
import type { PartName } from '../stack/fault-stack.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Kills a server, keeps it down, and waits until it is ready again. */
export function outage({ stack }: CaseContext, name: PartName, downMs: number): Fault {
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
      runs: { quick: 0, full: 0, thorough: 5 },
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
