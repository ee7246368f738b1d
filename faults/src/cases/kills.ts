import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Failpoint } from '@ecluse/failpoints';
import type { CaseContext } from '../runs/case-context.js';
import { senderOf } from '../runs/case-context.js';
import { collect, doorBack, drained, resultOf, type FaultResult } from '../runs/fault-result.js';
import { planRun } from '../runs/plan-run.js';
import type { Message } from '../sender/message.js';
import type { Sender } from '../sender/sender.js';
import { runB, runS, type Fault } from '../runs/run-s.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Ten seconds after the restart, and the longest time that one attempt of a call may take. Milliseconds. */
const WORKER_PROGRESS_MS = 10_000 + 20_000;
const DOOR_BACK_MS = 3_000;

export function killWorker({ stack }: CaseContext): Fault {
  return async () => {
    const killed = Date.now();
    await stack.part('worker').kill();
    const ready = await stack.part('worker').backSince(killed);
    return { progress: { since: ready, limitMs: WORKER_PROGRESS_MS } };
  };
}

export const F1: FaultCase = {
  id: 'F1',
  fault: 'kill -9 of the worker',
  means: 'signal to its group; started again after 2 s',
  variants: [
    {
      name: 'S',
      runs: { quick: 1, full: 20 },
      run: (context) => runS(context, { fault: killWorker(context) }),
    },
    {
      name: 'B',
      runs: { quick: 2, full: 20 },
      run: (context) => runB(context, { fault: killWorker(context) }),
    },
  ],
};

/** Points at which the ingress dies; \`after-answer\`: as soon as the sender has its 202. */
const INGRESS_POINTS = [
  'door.before-commit',
  'door.after-commit',
  'after-answer',
  'dispatch.before-start',
  'dispatch.after-start',
] as const satisfies readonly (Failpoint | 'after-answer')[];
/** Messages of which one meets the point. */
const MESSAGES_PER_KILL = 4;

export const F2: FaultCase = {
  id: 'F2',
  fault: 'kill -9 of the ingress, at every step of a delivery',
  means: 'failpoints, signal',
  variants: [
    ...INGRESS_POINTS.map((point): Variant => ({
      name: point,
      runs: { quick: 1, full: 1 },
      run: (context) => killAtPoint(context, point, context.quick ? 1 : 50),
    })),
    {
      name: 'S',
      runs: { quick: 1, full: 10 },
      run: (context) =>
        runS(context, {
          doorP99Ms: null,
          fault: async () => {
            const killed = Date.now();
            await context.stack.part('ingress').kill();
            await context.stack.part('ingress').backSince(killed);
            return { door: { since: killed, limitMs: DOOR_BACK_MS } };
          },
        }),
    },
  ],
};

async function killAtPoint(
  context: CaseContext,
  point: (typeof INGRESS_POINTS)[number],
  times: number,
): Promise<FaultResult> {
  const { stack, random, prefix, canary } = context;
  const sender = senderOf(context);
  const messages = planRun({
    ...{ random, prefix, canary, duplicates: 0, outOfOrder: 0 },
    ...{ seconds: times, perSecond: MESSAGES_PER_KILL + 1, mix: { pair: 1 } },
  }).map(({ message }) => message);
  const from = Date.now();
  const deaths: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const [probe, ...batch] = messages.slice(
      index * (MESSAGES_PER_KILL + 1),
      (index + 1) * (MESSAGES_PER_KILL + 1),
    );
    const file = join(stack.failpointFolder, point);
    if (point !== 'after-answer') writeFileSync(file, '');
    const sent = batch.map((each) => sender.deliver(each));
    if (point === 'after-answer') await Promise.race(sent).then(() => stack.part('ingress').kill());
    else await reached(file);
    deaths.push(Date.now());
    if (probe !== undefined) await sendUntilAccepted(sender, probe);
    await Promise.all(sent);
  }
  await drained(context, 60);
  const evidence = await collect(context, messages, sender.attempts);
  const slowest = Math.max(...deaths.map((death) => doorBack(evidence, death)));
  const recovery = { door: { ms: slowest, limitMs: DOOR_BACK_MS } };
  return resultOf(context, evidence, { from, to: Date.now() }, { recovery, doorP99Ms: null });
}

/** Knocks every 100 ms, so that the first answer of the new process is seen at once. */
async function sendUntilAccepted(sender: Sender, probe: Message): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await sender.attempt(probe)).result !== 202 && Date.now() < deadline) await pause(100);
}

/** The process that reaches a point removes the file and dies. */
async function reached(file: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (existsSync(file)) {
    if (Date.now() > deadline) throw new Error(`${file} was not reached`);
    await pause(10);
  }
}
