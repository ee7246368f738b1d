import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Failpoint } from '@ecluse/failpoints';
import type { MessageKind } from '../documents.js';
import type { CaseContext } from '../runs/case-context.js';
import { senderOf } from '../runs/case-context.js';
import { collect, doorBack, drained, resultOf, type FaultResult } from '../runs/fault-result.js';
import { message, type Message } from '../sender/message.js';
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

/** One of two messages goes to a remote without keys: there, a call that was made may not be made again. */
const WORKER_POINTS = [
  'worker.before-call',
  'worker.after-call',
  'worker.before-record',
  'worker.after-record',
  'worker.before-close',
] as const satisfies readonly Failpoint[];
const QUICK_WORKER_POINT = 'worker.after-call';

export const F1: FaultCase = {
  id: 'F1',
  fault: 'kill -9 of the worker',
  means: 'signal to its group; started again after 2 s',
  variants: [
    {
      name: 'S',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 20 },
      run: (context) => runS(context, { fault: killWorker(context) }),
    },
    ...WORKER_POINTS.map((point): Variant => ({
      name: point,
      runs: { quick: point === QUICK_WORKER_POINT ? 1 : 0, full: 1, thorough: 1 },
      run: (context) =>
        killAtPoint(context, {
          ...{ part: 'worker', point, times: { quick: 1, full: 2, thorough: 20 }[context.form] },
          kinds: ['pair', 'keyless'],
        }),
    })),
    {
      name: 'B',
      kills: true,
      runs: { quick: 1, full: 20, thorough: 20 },
      run: (context) => runB(context, { fault: killWorker(context) }),
    },
  ],
};

/** Points at which the ingress dies; `after-answer`: as soon as the sender has its 202. */
const INGRESS_POINTS = [
  'door.before-commit',
  'door.after-commit',
  'after-answer',
  'dispatch.before-start',
  'dispatch.after-start',
] as const satisfies readonly (Failpoint | 'after-answer')[];

export const F2: FaultCase = {
  id: 'F2',
  fault: 'kill -9 of the ingress, at every step of a delivery',
  means: 'failpoints, signal',
  variants: [
    ...INGRESS_POINTS.map((point): Variant => ({
      name: point,
      runs: { quick: 1, full: 1, thorough: 1 },
      run: (context) =>
        killAtPoint(context, {
          ...{ part: 'ingress', point, times: { quick: 1, full: 5, thorough: 50 }[context.form] },
          kinds: ['pair', 'pair', 'pair', 'pair'],
        }),
    })),
    {
      name: 'S',
      kills: true,
      runs: { quick: 1, full: 1, thorough: 10 },
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

interface PointKill {
  readonly part: 'ingress' | 'worker';
  readonly point: Failpoint | 'after-answer';
  readonly times: number;
  /** Messages per kill, sent at once; one of them meets the point. */
  readonly kinds: readonly MessageKind[];
}

async function killAtPoint(
  context: CaseContext,
  { part, point, times, kinds }: PointKill,
): Promise<FaultResult> {
  const { stack, prefix, canary } = context;
  const sender = senderOf(context);
  const make = (kind: MessageKind, index: number): Message =>
    message({
      kind,
      id: `${prefix}-${String(index)}`,
      key: `${prefix}-key`,
      seq: index,
      bytes: 1_024,
      canary,
    });
  // The last of each kill knocks at the door until it is back.
  const round = [...kinds, 'pair'] as const;
  const messages = Array.from({ length: times * round.length }, (_, index) =>
    make(round[index % round.length] ?? 'pair', index),
  );
  const from = Date.now();
  const deaths: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const batch = messages.slice(index * round.length, (index + 1) * round.length);
    const probe = batch.pop();
    const file = join(stack.failpointFolder, point);
    if (point !== 'after-answer') writeFileSync(file, '');
    const sent = batch.map((each) => sender.deliver(each));
    if (point === 'after-answer') await Promise.race(sent).then(() => stack.part(part).kill());
    else await reached(file);
    deaths.push(Date.now());
    if (probe !== undefined) await sendUntilAccepted(sender, probe);
    await Promise.all(sent);
  }
  await drained(context, 90);
  const evidence = await collect(context, messages, sender.attempts);
  const slowest = Math.max(...deaths.map((death) => doorBack(evidence, death) ?? 0));
  const recovery = part === 'ingress' ? { door: { ms: slowest, limitMs: DOOR_BACK_MS } } : {};
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
