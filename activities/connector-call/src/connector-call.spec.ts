import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { CallInput, JsonValue, OutcomeClass } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { createConnectorCallActivities } from './index.js';
import { RUN, ScriptedDeps } from './testing/scripted-deps.js';

const logger = new DefaultLogger('ERROR');
const natural = { kind: 'natural' as const };
const verdict = (outcome: OutcomeClass) => ({ verdict: { outcome, reason: 'As told.', vendorCode: null } });

function inputOf(changes: Partial<CallInput['call']> = {}, attemptsUsed = 0): CallInput {
  const call = { connection: 'erp', operation: 'order.create', with: '{}', ...changes };
  return { run: RUN, stepId: 'order', call, steps: {}, attemptsUsed };
}
/** Result or failure of one activity attempt. */
async function call(
  script: ScriptedDeps,
  input = inputOf(),
  attempt = 1,
): Promise<{ result: JsonValue } | { failure: unknown }> {
  const { callConnection } = createConnectorCallActivities(script.deps());
  return new MockActivityEnvironment({ attempt }, { logger }).run(callConnection, input).then(
    (result) => ({ result: result as JsonValue }),
    (failure: unknown) => ({ failure }),
  );
}

describe('callConnection, refusals', () => {
  it.each([
    ['a connection that does not exist', { connection: 'crm' }, 'ECL-4012'],
    ['an operation that does not exist', { operation: 'order.cancel' }, 'ECL-4012'],
    ['an input that is no object', { with: '[]' }, 'ECL-4001'],
  ])('%s: nothing is intended, leased or called', async (_name, changes, code) => {
    const script = new ScriptedDeps();
    expect(await call(script, inputOf(changes))).toMatchObject({
      failure: { type: code, nonRetryable: true },
    });
    expect(script.events).toEqual([]);
  });

  it.each(['unknown', 'intended'] as const)(
    'parks a write without strategy whose effect is %s',
    async (effect) => {
      const script = new ScriptedDeps();
      script.effect = effect;
      expect(await call(script)).toMatchObject({
        failure: { type: 'ECL-4005', nonRetryable: true, details: [{ outcome: 'ambiguous' }] },
      });
      expect(script.events).not.toContain('call');
    },
  );

  it.each([
    ['invalid', 'ECL-4003', true, 'refused'],
    ['forbidden', 'ECL-4007', true, 'refused'],
    ['contract_drift', 'ECL-4006', true, 'refused'],
    ['transient', 'ECL-4004', false, 'refused'],
    ['throttled', 'ECL-4011', false, 'refused'],
    ['ambiguous', 'ECL-4005', true, 'unknown'],
  ] as const)('%s of a write without strategy is %s', async (outcome, type, nonRetryable, state) => {
    const script = new ScriptedDeps();
    script.answers = [verdict(outcome)];
    expect(await call(script)).toMatchObject({
      failure: { type, nonRetryable, details: [{ outcome, reason: 'As told.' }] },
    });
    expect(script.events).toContain(`settle ${state}`);
  });

  it('retries an ambiguous write that may be repeated', async () => {
    const script = new ScriptedDeps();
    script.operation = { ...script.operation, idempotency: natural };
    script.answers = [verdict('ambiguous')];
    expect(await call(script)).toMatchObject({ failure: { type: 'ECL-4005', nonRetryable: false } });
  });

  it('takes a connector that throws for an unknown outcome, and tells nothing of its error', async () => {
    const script = new ScriptedDeps();
    script.answers = [new Error('row (jane@canary.example)')];
    const { failure } = (await call(script)) as { failure: { type: string } };
    expect(failure.type).toBe('ECL-4005');
    expect(JSON.stringify(failure)).not.toContain('canary');
  });

  it('hands an absent platform to the workflow, without an attempt when the remote was not called', async () => {
    const script = new ScriptedDeps();
    script.faults.set('lease', [new EcluseError('VAULT_UNAVAILABLE')]);
    expect(await call(script, inputOf({}, 4), 2)).toMatchObject({
      failure: { type: 'ECL-3001', nonRetryable: true, details: [{ platformAway: true, attemptsUsed: 5 }] },
    });
    expect(script.events).toEqual(['intend', 'lease']);
  });

  it('refuses for good when a fresh credential is refused too', async () => {
    const script = new ScriptedDeps();
    script.answers = [verdict('auth_stale')];
    expect(await call(script)).toMatchObject({ failure: { type: 'ECL-3004', nonRetryable: true } });
    expect(script.events.filter((event) => event === 'call')).toHaveLength(2);
  });
});

describe('callConnection', () => {
  it('intends, leases, calls, settles and records, in this order', async () => {
    const script = new ScriptedDeps();
    expect(await call(script, inputOf({}, 2), 3)).toEqual({ result: { id: 7 } });
    expect(script.events).toEqual([
      'intend',
      'lease',
      'begin 5',
      'call',
      'settle confirmed',
      'end 5 ok v-lease-1',
    ]);
    expect(script.logged.join()).not.toContain('hunter2');
  });

  it('gives the stored output of a confirmed effect and leaves the remote alone', async () => {
    const script = new ScriptedDeps();
    script.effect = 'confirmed';
    expect(await call(script)).toEqual({ result: { id: 'stored' } });
    expect(script.events).toEqual(['intend']);
  });

  it('makes nothing of a call that is held: no intention, no attempt, and the workflow waits', async () => {
    const script = new ScriptedDeps();
    script.states.put('erp', 'paused', 'migration');
    const answer = await call(script);
    expect(answer).toMatchObject({
      failure: { type: 'ECL-4014', nonRetryable: true, details: [{ platformAway: true, attemptsUsed: 0 }] },
    });
    expect(JSON.stringify(answer)).toContain('connection erp is paused: migration');
    expect(script.events).toEqual([]);
  });

  it('keeps no effect of a read', async () => {
    const script = new ScriptedDeps();
    script.operation = { ...script.operation, effect: 'read' };
    await call(script);
    expect(script.events).not.toContain('intend');
  });

  it('takes a fresh lease once when the remote no longer knows the cached one', async () => {
    const script = new ScriptedDeps();
    script.answers = [
      verdict('auth_stale'),
      { verdict: { outcome: 'ok', reason: null, vendorCode: null }, output: null },
    ];
    expect(await call(script)).toEqual({ result: null });
    expect(script.events).toEqual([
      'intend',
      'lease',
      'begin 1',
      'call',
      'invalidate lease-1',
      'lease',
      'begin 1',
      'call',
      'settle confirmed',
      'end 1 ok v-lease-2',
    ]);
  });

  it('waits out a short outage of the store once the remote has been called', async () => {
    const script = new ScriptedDeps();
    script.faults.set('settle confirmed', [
      new EcluseError('STORE_UNAVAILABLE'),
      new EcluseError('STORE_UNAVAILABLE'),
    ]);
    expect(await call(script)).toEqual({ result: { id: 7 } });
    expect(script.events.filter((event) => event === 'call')).toHaveLength(1);
    expect(script.events.filter((event) => event === 'settle confirmed')).toHaveLength(3);
  });
});

describe('awaitPlatform', () => {
  it.each([
    ['waits while Vault is away', 'VAULT_UNAVAILABLE', false],
    ['leaves what a person has to mend to the call', 'VAULT_DENIED', true],
  ] as const)('%s', async (_name, fault, resolves) => {
    const script = new ScriptedDeps();
    script.faults.set('lease', [new EcluseError(fault)]);
    const { awaitPlatform } = createConnectorCallActivities(script.deps());
    const waiting = new MockActivityEnvironment({}, { logger }).run(awaitPlatform, {
      run: RUN,
      connection: 'erp',
    });
    await (resolves
      ? expect(waiting).resolves.toBeUndefined()
      : expect(waiting).rejects.toMatchObject({ nonRetryable: false }));
  });
});
