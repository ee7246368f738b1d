import { randomUUID } from 'node:crypto';
import { senderOf, type CaseContext } from '../runs/case-context.js';
import { collect, drained, resultOf, type FaultResult } from '../runs/fault-result.js';
import { planRun } from '../runs/plan-run.js';
import type { RunEvidence } from '../runs/run-record.js';
import type { Message } from '../sender/message.js';
import type { Sender } from '../sender/sender.js';
import type { FaultCase } from './fault-case.js';

const COPIES = 50;
const IDS = { quick: 20, full: 100, thorough: 1_000 } as const;
/** Ids sent at once; each comes `COPIES` times. */
const IDS_AT_ONCE = 4;
/** Beyond what the source tolerates. Milliseconds. */
const STALE_MS = 10 * 60_000;

export const F15: FaultCase = {
  id: 'F15',
  fault:
    'the same id 50 times at once at two ingresses; the same id with another body; stale and missing ids',
  means: 'two ingress processes on one inbox',
  notCovered: 'redelivery after the retention of 7 days: retention is part of a later issue',
  variants: [{ name: 'copies', runs: { quick: 1, full: 1, thorough: 1 }, run: copiesAtOnce }],
};

async function copiesAtOnce(context: CaseContext): Promise<FaultResult> {
  const { stack, random, prefix, canary } = context;
  const ids = IDS[context.form];
  await stack.startSecond('ingress-2');
  try {
    const sender = senderOf(context, 'both');
    const mix = { pair: 1 };
    const options = { random, prefix, canary, seconds: ids, perSecond: 1, mix, duplicates: 0, outOfOrder: 0 };
    const messages = planRun(options).map(({ message }) => message);
    const from = Date.now();
    for (let index = 0; index < ids; index += IDS_AT_ONCE) {
      const copies = messages
        .slice(index, index + IDS_AT_ONCE)
        .flatMap((each) => Array.from({ length: COPIES }, () => each));
      await Promise.all(copies.map((each) => sender.deliver(each)));
    }
    const violations = await refusals(sender, messages);
    await drained(context, 120);
    const evidence = await collect(context, messages, sender.attempts);
    const span = { from, to: Date.now() };
    // 200 requests at once are a flood on purpose; the door's latency under load is the benchmark's.
    const limits = { allowedStatuses: [400, 401], doorP99Ms: null };
    return resultOf(context, evidence, span, {
      ...limits,
      violations: [...violations, ...moreThanOneRun(evidence)],
    });
  } finally {
    await stack.stopSecond('ingress-2');
  }
}

/** What must be refused, is: another body 409, an old request 401, no id 400 or 401. */
async function refusals(sender: Sender, messages: readonly Message[]): Promise<string[]> {
  const [known, other] = messages;
  if (known === undefined || other === undefined) throw new Error('two messages were planned');
  const conflict = await sender.attempt({ ...other, id: known.id });
  const stale = await sender.attempt(
    { ...known, id: `stale-${randomUUID()}` },
    new Date(Date.now() - STALE_MS),
  );
  const nameless = await sender.attempt({ ...known, id: '' });
  return [
    ...(conflict.result === 409 ? [] : [`same id, other body: ${String(conflict.result)} instead of 409`]),
    ...(stale.result === 401 ? [] : [`stale request: ${String(stale.result)} instead of 401`]),
    ...(nameless.result === 400 || nameless.result === 401 ? [] : [`no id: ${String(nameless.result)}`]),
  ];
}

function moreThanOneRun({ deliveries }: RunEvidence): string[] {
  const many = deliveries.filter(({ runs }) => runs.length !== 1);
  return many.length === 0 ? [] : [`${String(many.length)} deliveries without exactly one run`];
}
