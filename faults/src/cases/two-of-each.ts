import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS, type Fault } from '../runs/run-s.js';
import type { FaultCase } from './fault-case.js';

/** The other worker goes on at once; what the killed one had in hand waits for its timeouts. Milliseconds. */
const PROGRESS_MS = 10_000;
const DOOR_MS = 3_000;

/** Processes that share the work, and the log lines that each of them writes per piece of it. */
const WORKERS = ['worker', 'worker-2'] as const;
const DISPATCHERS = ['ingress', 'ingress-2'] as const;
const DISPATCHED = /"msg":"(run started|batch started|runs handed to lane)"/g;
const CALLED = /"msg":"connector\.attempted"/g;

export const N2: FaultCase = {
  id: 'N2',
  fault: 'two of each: ingress and worker; without a fault, and with kill -9 of one of each',
  means:
    'two doors and dispatchers on one inbox, two workers on one queue, the sender takes the doors in turn',
  variants: [
    {
      name: 'no fault',
      runs: { quick: 0, full: 1, thorough: 5 },
      run: (context) => withTwo(context, () => Promise.resolve({})),
    },
    {
      name: 'one of each killed',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 10 },
      run: (context) => withTwo(context, killOneOfEach(context)),
    },
  ],
};

function killOneOfEach({ stack }: CaseContext): Fault {
  return async () => {
    const killed = Date.now();
    await Promise.all([stack.part('worker').kill(), stack.part('ingress').kill()]);
    await stack.part('ingress').backSince(killed);
    await stack.part('worker').backSince(killed);
    return {
      progress: { since: killed, limitMs: PROGRESS_MS },
      door: { since: killed, limitMs: DOOR_MS },
    };
  };
}

/** Run S on two of each, and that none of them was idle. */
async function withTwo(context: CaseContext, fault: Fault): Promise<FaultResult> {
  const { stack } = context;
  try {
    await stack.startSecond('worker-2');
    await stack.startSecond('ingress-2');
    const before = await workDone(context);
    const result = await runS(context, { leastSuccesses: 1, fault, doors: 'both' });
    const after = await workDone(context);
    const shares = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
    context.say(shares.map(([name, count]) => `${name} ${String(count)}`).join(', '));
    const idle = shares.filter(([, count]) => count === 0).map(([name]) => `${name} did nothing`);
    return { ...result, shares: Object.fromEntries(shares), violations: [...result.violations, ...idle] };
  } finally {
    await stack.stopSecond('ingress-2');
    await stack.stopSecond('worker-2');
  }
}

/** Starts that each dispatcher made, and calls that each worker made, by their logs, which outlive a killed process. */
async function workDone({ stack }: CaseContext): Promise<Map<string, number>> {
  const count = async (name: string, line: RegExp): Promise<readonly [string, number]> => {
    const log = await readFile(join(stack.home.logs, `${name}.log`), 'utf8').catch(() => '');
    return [name, log.match(line)?.length ?? 0];
  };
  return new Map(
    await Promise.all([
      ...DISPATCHERS.map((name) => count(name, DISPATCHED)),
      ...WORKERS.map((name) => count(name, CALLED)),
    ]),
  );
}
