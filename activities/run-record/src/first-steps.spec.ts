import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { CallInput, FlowStep, JsonValue, RunRef } from '@ecluse/contracts';
import { DeliveryDocuments } from '@ecluse/delivery-document';
import { doFirstSteps } from './first-steps.js';

const RUN: RunRef = {
  tenant: 'acme',
  runId: 'r1',
  deliveryId: 'd1',
  flow: 'deal-to-order',
  flowVersion: 1,
  flowSha256: '0'.repeat(64),
  origin: 'wh:acme:crm:1:deal-to-order',
};
const call = (id: string): FlowStep => ({ id, call: { connection: 'erp', operation: id, with: '{}' } });
const map = (id: string): FlowStep => ({ id, map: '1' });

/** What was called, with the scripted answers of calls by step id. */
function scripted(answers: Record<string, JsonValue | Error> = {}) {
  const called: Pick<CallInput, 'stepId' | 'steps' | 'attemptsUsed'>[] = [];
  const stored = {
    id: 'd1',
    tenant: 'acme',
    source: 'crm',
    deliveryKey: 'k',
    receivedAt: new Date(0),
    contentType: 'application/json',
    state: 'running' as const,
    body: { ciphertext: Buffer.from('sealed'), wrappedKey: 'k', keyName: 'n' },
  };
  const deps = {
    documents: new DeliveryDocuments({
      deliveries: { load: () => Promise.resolve(stored) },
      openBody: () => Promise.resolve(Buffer.from('{}')),
    }),
    evaluator: { evaluate: () => Promise.resolve('mapped') },
    tryCall: ({ stepId, steps, attemptsUsed }: CallInput) => {
      called.push({ stepId, steps, attemptsUsed });
      const answer = answers[stepId] ?? { done: stepId };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { deps, called };
}
function opened(steps: FlowStep[], local: string[], attemptsMade: Record<string, number> = {}) {
  return { triggered: true as const, steps, local, attemptsMade };
}

describe('doFirstSteps', () => {
  it.each<[string, FlowStep[]]>([
    ['a call that is not short', [call('slow'), call('short')]],
    ['a choice', [{ id: 'size', choose: [], otherwise: [call('short')] }, call('short')]],
  ])('leaves %s, and all after it, to the interpreter', async (_name, steps) => {
    const { deps, called } = scripted();
    expect(await doFirstSteps(deps, RUN, opened(steps, ['short']))).toEqual({ outputs: {}, done: false });
    expect(called).toEqual([]);
  });

  it('stops at the first failure and tells it as the activity would', async () => {
    const details = { outcome: 'transient', reason: 'away', attemptsUsed: 3, retryAfterMs: 500 };
    const failure = ApplicationFailure.create({ type: 'ECL-4004', message: 'away', details: [details] });
    const { deps, called } = scripted({ second: failure });
    const steps = [call('first'), call('second'), call('third')];
    expect(await doFirstSteps(deps, RUN, opened(steps, ['first', 'second', 'third'], { second: 2 }))).toEqual(
      {
        outputs: { first: { done: 'first' } },
        failed: { stepId: 'second', code: 'ECL-4004', retryable: true, details },
        done: false,
      },
    );
    expect(called.map(({ stepId, attemptsUsed }) => [stepId, attemptsUsed])).toEqual([
      ['first', 0],
      ['second', 2],
    ]);
  });

  it('leaves a fault that nobody described to the try of the interpreter', async () => {
    const { deps } = scripted({ first: new Error('hunter2') });
    expect(await doFirstSteps(deps, RUN, opened([call('first')], ['first']))).toEqual({
      outputs: {},
      done: false,
    });
  });

  it('does not carry outputs that are too large to travel', async () => {
    const { deps } = scripted({ second: 'x'.repeat(500_000) });
    const steps = [call('first'), call('second')];
    expect(await doFirstSteps(deps, RUN, opened(steps, ['first', 'second']))).toEqual({
      outputs: { first: { done: 'first' } },
      done: false,
    });
  });

  it('does maps and short calls in order, each seeing what went before', async () => {
    const { deps, called } = scripted();
    const steps = [map('shape'), call('first'), call('second')];
    expect(await doFirstSteps(deps, RUN, opened(steps, ['first', 'second']))).toMatchObject({ done: true });
    expect(called.map(({ steps: seen }) => Object.keys(seen))).toEqual([['shape'], ['shape', 'first']]);
  });
});
