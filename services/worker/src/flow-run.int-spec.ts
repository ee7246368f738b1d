import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { FlowHarness } from './testing/flow-harness.js';
import { textOf } from './testing/text-of.js';

/** Real: Temporal, PostgreSQL, Vault with its dynamic users, the ERP, the bundled interpreter, all activities. */
let harness: FlowHarness;

beforeAll(async () => {
  harness = await FlowHarness.create();
}, 60_000);

afterAll(() => harness.close(), 30_000);

const orderStep = {
  id: 'order',
  call: {
    connection: 'erp',
    operation: 'salesOrder.upsert',
    with: "{ 'externalId': 'deal-' & deal.id, 'sku': deal.sku }",
  },
};
const noteStep = {
  id: 'note',
  call: { connection: 'erp', operation: 'note.add', with: "{ 'text': deal.id }" },
};
const gateStep = (gate: string, attempts: number) => ({
  id: 'gate',
  call: { connection: 'erp', operation: 'gate.pass', with: `{ 'name': '${gate}' }` },
  retry: { attempts, first: '100ms', max: '200ms' },
});
const deal = (id: string, more: Record<string, string> = {}) => ({ deal: { id, sku: 'LOCK-100', ...more } });

async function recordOf(runId: string) {
  const [run] = await harness.look('SELECT * FROM runs WHERE id = $1', [runId]);
  const attempts = await harness.look(
    'SELECT * FROM step_attempts WHERE run_id = $1 ORDER BY step_id, attempt',
    [runId],
  );
  const effects = await harness.look('SELECT * FROM effects WHERE run_id = $1', [runId]);
  const [deadLetter] = await harness.look('SELECT * FROM dead_letters WHERE run_id = $1', [runId]);
  const [delivery] = await harness.look(
    'SELECT state FROM inbox WHERE id = (SELECT delivery_id FROM runs WHERE id = $1)',
    [runId],
  );
  return { run, attempts, effects, deadLetter, delivery };
}

async function orders(externalId: string) {
  return (await harness.erp.rows('sales_order')).filter((row) => row['external_id'] === externalId);
}

describe('dead letters', () => {
  it.each([
    {
      name: 'remote-refuses',
      steps: [orderStep],
      body: deal('1', { sku: 'NO-SUCH' }),
      letter: {
        step_id: 'order',
        code: 'ECL-4008',
        outcome: 'missing_dependency',
        reason: 'The ERP does not have the product.',
      },
      effects: [{ state: 'refused' }],
    },
    {
      name: 'input-not-admitted',
      steps: [{ ...orderStep, call: { ...orderStep.call, with: "{ 'externalId': deal.id }" } }],
      body: deal('2'),
      letter: { step_id: 'order', code: 'ECL-4003', outcome: 'invalid' },
      effects: [{ state: 'refused' }],
    },
    {
      name: 'mapping-fails',
      steps: [{ id: 'total', map: '$number(deal.sku)' }],
      body: deal('3'),
      letter: { step_id: 'total', code: 'ECL-4001', outcome: null },
      effects: [],
    },
    {
      name: 'connection-unknown',
      steps: [{ ...orderStep, call: { ...orderStep.call, connection: 'crm' } }],
      body: deal('4'),
      letter: { step_id: 'order', code: 'ECL-4012', outcome: null },
      effects: [],
    },
  ])('$name', async ({ name, steps, body, letter, effects }) => {
    const { run, ended } = await harness.start(name, steps, body);
    await ended();
    const record = await recordOf(run.runId);
    expect(record).toMatchObject({
      run: { state: 'dead_letter' },
      deadLetter: { ...letter, state: 'open' },
      delivery: { state: 'dead_letter' },
    });
    expect(record.effects).toMatchObject(effects);
    expect(JSON.stringify(record)).not.toContain('LOCK-100');
  });

  it('gives up after the attempts of the policy and tells the last reason', async () => {
    const { run, ended } = await harness.start('exhausted', [gateStep('shut', 2)], deal('5'));
    await ended();
    const { attempts, deadLetter } = await recordOf(run.runId);
    expect(attempts.map(({ attempt, outcome, code }) => [attempt, outcome, code])).toEqual([
      [1, 'transient', 'ECL-4004'],
      [2, 'transient', 'ECL-4004'],
    ]);
    expect(deadLetter).toMatchObject({
      code: 'ECL-4009',
      outcome: 'transient',
      reason: 'Given up after 2 attempts. The last: The gate is closed.',
    });
  });

  it('parks a write without an idempotency strategy whose answer was lost, and does not repeat it', async () => {
    harness.connectors.lose.set('note.add', 1);
    const { run, ended } = await harness.start('parked', [noteStep], deal('6'));
    await ended();
    const { attempts, effects, deadLetter } = await recordOf(run.runId);
    expect(attempts).toHaveLength(1);
    expect(effects).toMatchObject([{ state: 'unknown' }]);
    expect(deadLetter).toMatchObject({ step_id: 'note', code: 'ECL-4005', outcome: 'ambiguous' });
    expect(harness.connectors.made.get('note.add')).toBe(1);
    expect(await harness.erp.rows('note')).toHaveLength(1);
  });
});

describe('a short step that is safe to repeat', () => {
  const shortStep = { ...orderStep, call: { ...orderStep.call, operation: 'shortOrder.upsert' } };
  const eventsOf = async (handle: { fetchHistory(): Promise<{ events?: unknown[] | null }> }) =>
    textOf((await handle.fetchHistory()).events ?? []);

  it('goes on as an activity when its first try loses the answer, and has one order', async () => {
    harness.connectors.lose.set('shortOrder.upsert', 1);
    const retry = { first: '100ms' };
    const { run, handle, ended } = await harness.start('short-lost', [{ ...shortStep, retry }], deal('31'));
    await ended();
    const { run: record, attempts, effects } = await recordOf(run.runId);
    expect(record).toMatchObject({ state: 'succeeded' });
    expect(attempts).toMatchObject([
      { attempt: 1, outcome: 'ambiguous' },
      { attempt: 2, outcome: 'ok' },
    ]);
    expect(effects).toMatchObject([{ state: 'confirmed' }]);
    expect(await orders('deal-31')).toHaveLength(1);
    expect(await eventsOf(handle)).toContain('activityTaskScheduledEventAttributes');
  }, 20_000);

  it('needs no activity task, and is recorded like any other', async () => {
    const { run, handle, ended } = await harness.start('short', [shortStep], deal('32'));
    await ended();
    const { run: record, attempts, effects, delivery } = await recordOf(run.runId);
    expect(record).toMatchObject({ state: 'succeeded', triggered: true });
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'ok' }]);
    expect(effects).toMatchObject([{ state: 'confirmed' }]);
    expect(delivery).toEqual({ state: 'succeeded' });
    expect(await eventsOf(handle)).not.toContain('activityTaskScheduledEventAttributes');
  });
});

describe('success', () => {
  it('writes once under a user that Vault made, and leaves no payload in history or log', async () => {
    const steps = [
      { ...orderStep, call: { ...orderStep.call, output: "{ 'orderId': id }" } },
      { id: 'told', map: "{ 'order': $steps.order.orderId, 'delivery': $delivery.id }" },
    ];
    const { run, deliveryId, handle } = await harness.start(
      'happy',
      steps,
      deal('7', { email: 'jane@canary.example' }),
      "deal.id = '7'",
    );
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });

    const [order] = await orders('deal-7');
    expect(order?.['made_by']).toMatch(/^v-/);
    const { attempts, effects, ...record } = await recordOf(run.runId);
    expect(record).toMatchObject({
      run: { state: 'succeeded', triggered: true },
      delivery: { state: 'succeeded' },
    });
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'ok', lease_user: order?.['made_by'] }]);
    expect(attempts[0]?.['lease_ref']).toMatch(/^[0-9a-f]{64}$/);
    expect(effects).toMatchObject([{ state: 'confirmed', idempotency_key: `${run.origin}/order` }]);

    const history = textOf(await handle.fetchHistory());
    expect(history).toContain('binary/encrypted');
    const logged = harness.log.join();
    for (const canary of ['jane@canary.example', 'deal-7', deliveryId]) expect(history).not.toContain(canary);
    expect(logged).toContain('connector.attempted');
    expect(logged).not.toContain('canary.example');
  });

  it('does nothing when the trigger is not met', async () => {
    const { run, handle } = await harness.start('untriggered', [orderStep], deal('8'), "deal.id = 'other'");
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: false });
    expect((await recordOf(run.runId)).attempts).toEqual([]);
    expect(await orders('deal-8')).toEqual([]);
  });

  it('takes the branch whose condition is true', async () => {
    const steps = [
      {
        id: 'size',
        choose: [
          { when: "deal.sku = 'PUMP-20'", steps: [gateStep('never', 1)] },
          { when: "deal.sku = 'LOCK-100'", steps: [orderStep] },
        ],
        otherwise: [gateStep('never', 1)],
      },
    ];
    const { handle } = await harness.start('branches', steps, deal('9'));
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });
    expect(await orders('deal-9')).toHaveLength(1);
  });

  it('tries again until the remote is back', async () => {
    const { run, handle } = await harness.start('transient', [gateStep('opens', 50)], deal('10'));
    await eventually(async () => {
      expect((await recordOf(run.runId)).attempts.length).toBeGreaterThan(1);
    });
    await harness.erp.query(`INSERT INTO ${harness.erp.schema}.gate VALUES ('opens')`);
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });
    const { attempts } = await recordOf(run.runId);
    expect(attempts.at(-1)).toMatchObject({ outcome: 'ok' });
  });

  it('makes a keyed write again whose answer was lost, and has one order', async () => {
    harness.connectors.lose.set('salesOrder.upsert', 1);
    const { run, handle } = await harness.start('answer-lost', [orderStep], deal('11'));
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });
    const { attempts, effects } = await recordOf(run.runId);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['ambiguous', 'ok']);
    expect(effects).toMatchObject([{ state: 'confirmed' }]);
    expect(await orders('deal-11')).toHaveLength(1);
  });

  it('takes a fresh credential when the user was removed in between, within one attempt', async () => {
    const first = await harness.start('before-revocation', [orderStep], deal('12'));
    await first.handle.result();
    const user = String((await recordOf(first.run.runId)).attempts[0]?.['lease_user']);
    await harness.erp.query(`ALTER ROLE "${user}" NOLOGIN`);
    await harness.erp.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${user}'`,
    );

    const second = await harness.start('after-revocation', [orderStep], deal('13'));
    expect(await second.handle.result()).toEqual({ state: 'succeeded', triggered: true });
    const { attempts } = await recordOf(second.run.runId);
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'ok' }]);
    expect(attempts[0]?.['lease_user']).not.toBe(user);
  });

  it('does not call the remote again for an effect that is confirmed', async () => {
    const made = harness.connectors.made;
    const first = await harness.start('replayed', [orderStep], deal('14'));
    await first.handle.result();
    const before = made.get('salesOrder.upsert');
    const replay = await harness.replay(first.deliveryId);
    expect(await replay.handle.result()).toEqual({ state: 'succeeded', triggered: true });
    expect(replay.run.workflowId).toBe(`${first.run.origin}/r1`);
    expect(made.get('salesOrder.upsert')).toBe(before);
    expect((await recordOf(replay.run.runId)).run).toMatchObject({ state: 'succeeded' });
  });
});
