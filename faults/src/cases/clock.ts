import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import { senderOf } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import { message } from '../sender/message.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Where Debian's package `faketime` puts its library. */
const LIBRARIES = '/usr/lib';
const LIBRARY = 'faketime/libfaketime.so.1';
/** A process looks for a new time this often. Seconds. */
const LOOK_SECONDS = '1';

export const F12: FaultCase = {
  id: 'F12',
  fault: 'a clock that jumps: the worker steps back 5 min; the ingress is 10 min ahead',
  means: 'libfaketime; the monotonic clock goes on',
  notCovered: 'machines without libfaketime: there the case says so and fails',
  variants: [
    {
      name: 'worker -5 min',
      runs: { quick: 1, full: 1, thorough: 3 },
      run: (context) =>
        withClock(context, 'worker', (jump) => runS(context, { fault: jumping(context, jump, '-300s') })),
    },
    { name: 'ingress +10 min', runs: { quick: 0, full: 0, thorough: 3 }, run: aheadIngress },
  ] satisfies Variant[],
};

type Jump = (offset: string) => void;

function jumping({ quick }: CaseContext, jump: Jump, offset: string) {
  return async () => {
    jump(offset);
    await pause(quick ? 5_000 : 20_000);
    jump('+0');
    return { progress: { since: Date.now(), limitMs: 30_000 } };
  };
}

/** Every request is refused as stale while the door's clock is wrong, and none twice accepted once it is right. */
function aheadIngress(context: CaseContext): Promise<FaultResult> {
  const { prefix, canary } = context;
  return withClock(context, 'ingress', (jump) =>
    runS(context, {
      allowedStatuses: [401],
      // Refused for good while the clock is wrong: a sender does not come back after a 401.
      leastSuccesses: 0.95,
      fault: async () => {
        jump('+600s');
        await pause(2_500);
        const probe = message({ kind: 'pair', id: `ahead-${prefix}`, key: 'k', seq: 1, bytes: 100, canary });
        const { result } = await senderOf(context).attempt(probe);
        jump('+0');
        const refused = result === 401;
        return { violations: refused ? [] : [`a request 10 min old got ${String(result)} instead of 401`] };
      },
    }),
  );
}

/** Restarts a service under libfaketime, and without it afterwards. */
async function withClock(
  { stack }: CaseContext,
  service: 'ingress' | 'worker',
  run: (jump: Jump) => Promise<FaultResult>,
): Promise<FaultResult> {
  const library = findLibrary();
  if (library === undefined) throw new Error('libfaketime is not installed (Debian: faketime)');
  const file = join(stack.home.root, `${service}-clock`);
  const jump: Jump = (offset) => {
    writeFileSync(file, `${offset}\n`);
  };
  jump('+0');
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: LOOK_SECONDS,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  await stack.reconfigure([service], { [service]: env });
  try {
    return await run(jump);
  } finally {
    await stack.reconfigure([service], {});
  }
}

function findLibrary(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  return readdirSync(LIBRARIES)
    .map((name) => join(LIBRARIES, name, LIBRARY))
    .find((path) => existsSync(path));
}
