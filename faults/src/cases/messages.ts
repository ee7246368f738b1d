import { setTimeout as pause } from 'node:timers/promises';
import { senderOf, type CaseContext } from '../runs/case-context.js';
import { collect, drained, resultOf, type FaultResult } from '../runs/fault-result.js';
import { runS } from '../runs/run-s.js';
import { message } from '../sender/message.js';
import type { FaultCase } from './fault-case.js';

const none = async (): Promise<object> => {
  await pause(0);
  return {};
};

export const F16: FaultCase = {
  id: 'F16',
  fault: 'messages of a key out of order',
  means: 'a third of the messages changes places with the next of their key',
  variants: [
    {
      name: 'S',
      runs: { quick: 1, full: 1, thorough: 5 },
      run: (context) => {
        if (!context.product.ordered) throw new Error('this build refuses flows with `order`');
        return runS(context, { mix: { ordered: 1 }, outOfOrder: 0.33, keys: KEYS, fault: none });
      },
    },
  ],
};

/** Few, so that the messages of a key meet each other. */
const KEYS = 40;

const POISON_SHARE = { quick: 0.1, full: 0.13 } as const;
const DEEP = 10_000;

export const F17: FaultCase = {
  id: 'F17',
  fault: 'poison: a mapping that runs for ever, that throws, a regex bomb, 10,000 deep JSON, prototype keys',
  means: 'a tenth of run S; deep JSON and prototype keys beside it',
  notCovered: 'non-determinism of a new version: replay tests in the build',
  variants: [{ name: 'S', runs: { quick: 1, full: 1, thorough: 3 }, run: poison }],
};

async function poison(context: CaseContext): Promise<FaultResult> {
  const { stack, quick, prefix, inspector } = context;
  const restarts = stack.part('worker').spawnedAt.length;
  const share = quick ? POISON_SHARE.quick : POISON_SHARE.full;
  const ordered = context.product.ordered ? { ordered: 0.1 } : {};
  const sender = senderOf(context);
  const violations: string[] = [];
  const result = await runS(context, {
    mix: { poison: share, ...ordered, pair: 1 },
    fault: async () => {
      const deep = `{"type":"pair","deep":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`;
      const proto = `{"type":"pair","__proto__":{"id":"x"},"constructor":{"prototype":{"id":"x"}}}`;
      const refused = await sender.attempt({ kind: 'pair', id: `${prefix}x-deep`, body: deep });
      if (typeof refused.result !== 'number' || refused.result < 400 || refused.result > 499)
        violations.push(`deep JSON: ${String(refused.result)}`);
      const odd = await sender.attempt({ kind: 'pair', id: `odd-${prefix}`, body: proto });
      if (typeof odd.result !== 'number' || odd.result >= 500)
        violations.push(`prototype keys: ${String(odd.result)}`);
      return {};
    },
  });
  const poisoned = (await inspector.deliveries(prefix)).filter(({ runs }) =>
    runs.some(({ flow }) => flow === 'fault-poison'),
  );
  const free = poisoned.filter(({ state }) => state !== 'dead_letter');
  if (poisoned.length === 0) violations.push('no poison was sent');
  if (free.length > 0) violations.push(`${String(free.length)} poisoned deliveries are not dead letters`);
  if (stack.part('worker').spawnedAt.length !== restarts) violations.push('the worker died of poison');
  return { ...result, violations: [...result.violations, ...violations] };
}

const LIMIT_BYTES = 1_048_576;
const LARGE_AT_ONCE = 100;

export const F18: FaultCase = {
  id: 'F18',
  fault: 'a body at the limit, 100 times at once; one byte beyond it',
  means: 'sender',
  notCovered: 'compressed bodies and slow-loris: tests of the door',
  variants: [{ name: 'bodies', runs: { quick: 1, full: 1, thorough: 3 }, run: largeBodies }],
};

async function largeBodies(context: CaseContext): Promise<FaultResult> {
  const { prefix, canary } = context;
  const sender = senderOf(context);
  const large = (index: number, bytes: number) =>
    message({
      kind: 'pair',
      id: `${prefix}-${String(index)}`,
      key: `${prefix}-key`,
      seq: index,
      bytes,
      canary,
    });
  const from = Date.now();
  const messages = Array.from({ length: LARGE_AT_ONCE }, (_, index) => large(index, LIMIT_BYTES));
  await Promise.all(messages.map((each) => sender.deliver(each)));
  const beyond = await sender.attempt(large(LARGE_AT_ONCE, LIMIT_BYTES + 64));
  const violations =
    beyond.result === 413 ? [] : [`beyond the limit: ${String(beyond.result)} instead of 413`];
  await drained(context, 120);
  const evidence = await collect(context, messages, sender.attempts);
  return resultOf(context, evidence, { from, to: Date.now() }, { violations, doorP99Ms: null });
}
