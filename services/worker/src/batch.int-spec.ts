import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { BatchHarness, type RunRow } from './testing/batch-harness.js';
import { textOf } from './testing/text-of.js';

/** Real: Temporal, PostgreSQL, Vault with its dynamic users, the ERP, the bundled workflows, all activities. */
let harness: BatchHarness;

// Several workflows each, some with pauses between attempts.
jest.setTimeout(40_000);

beforeAll(async () => {
  harness = await BatchHarness.create();
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
const gateStep = (attempts: number) => ({
  id: 'gate',
  call: { connection: 'erp', operation: 'gate.pass', with: "{ 'name': deal.gate }" },
  retry: { attempts, first: '100ms', max: '200ms' },
});
const deals = (flow: string, count: number, change: (index: number) => Record<string, string> = () => ({})) =>
  Array.from({ length: count }, (_deal, index) => ({
    deal: { id: `${flow}-${String(index)}`, sku: 'LOCK-100', mail: 'jane@canary.example', ...change(index) },
  }));

async function ordersOf(flow: string): Promise<Record<string, unknown>[]> {
  const rows = await harness.flows.erp.rows('sales_order');
  return rows.filter((row) => String(row['external_id']).startsWith(`deal-${flow}-`));
}
const states = (runs: RunRow[]) => runs.map(({ state, delivery_state: delivery }) => `${state}/${delivery}`);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a batch, refusals', () => {
  it('makes a dead letter of the item to blame, and its neighbours succeed', async () => {
    const flow = 'batch-poison';
    const bodies = deals(flow, 20, (index) => (index === 13 ? { sku: 'NO-SUCH' } : {}));
    const batch = await harness.form(flow, [orderStep], bodies);
    await (await harness.start(batch)).result();
    const runs = await harness.runs(flow);
    const poisoned = runs.splice(13, 1);
    expect(states(runs)).toEqual(times(19, 'succeeded/succeeded'));
    expect(poisoned).toMatchObject([
      { state: 'dead_letter', delivery_state: 'dead_letter', code: 'ECL-4008', step_id: 'order' },
    ]);
    expect(await ordersOf(flow)).toHaveLength(19);
    expect(await harness.effects(flow)).toEqual([
      { step_id: 'order', state: 'confirmed', effects: 19 },
      { step_id: 'order', state: 'refused', effects: 1 },
    ]);
  });

  it('ends runs whose mapping or trigger fails, and those that the trigger does not want', async () => {
    const flow = 'batch-triggers';
    const bodies = deals(flow, 6, (index) => ({
      kind: index === 0 ? 'lost' : 'won',
      total: index === 1 ? 'many' : '3',
    }));
    const steps = [{ id: 'total', map: '$number(deal.total)' }, orderStep];
    const batch = await harness.form(flow, steps, bodies, "deal.kind = 'won'");
    await (await harness.start(batch)).result();
    const runs = await harness.runs(flow);
    expect(runs.map(({ state, triggered, code, step_id: step }) => [state, triggered, code, step])).toEqual([
      ['succeeded', false, null, null],
      ['dead_letter', null, 'ECL-4001', 'total'],
      ...times(4, ['succeeded', true, null, null]),
    ]);
    expect(await ordersOf(flow)).toHaveLength(4);
  });

  it('ends every run when the connection does not exist', async () => {
    const flow = 'batch-unknown';
    const step = { ...orderStep, call: { ...orderStep.call, connection: 'crm' } };
    const batch = await harness.form(flow, [step], deals(flow, 3));
    await (await harness.start(batch)).result();
    const runs = await harness.runs(flow);
    expect(runs.map(({ code }) => code)).toEqual(times(3, 'ECL-4012'));
  });

  it('parks only the write whose answer was lost, where it may not be repeated', async () => {
    const flow = 'batch-parked';
    harness.flows.connectors.lose.set('note.add', 1);
    const batch = await harness.form(flow, [noteStep], deals(flow, 5));
    await (await harness.start(batch)).result();
    const codes = (await harness.runs(flow)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'ECL-4005')).toHaveLength(1);
    expect(codes.filter((code) => code === null)).toHaveLength(4);
    expect(await harness.flows.erp.rows('note')).toHaveLength(5);
  });

  it('records its runs as dead letters when it is cancelled, and makes no further call', async () => {
    const flow = 'batch-cancelled';
    const entered = Promise.withResolvers<undefined>();
    const leave = Promise.withResolvers<undefined>();
    harness.flows.connectors.afterBulk = async () => {
      entered.resolve(undefined);
      await leave.promise;
    };
    const batch = await harness.form(flow, [orderStep, noteStep], deals(flow, 4));
    const handle = await harness.start(batch);
    await entered.promise;
    await handle.cancel();
    const ended = handle.result().catch((error: unknown) => error);
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      expect(events?.some((event) => event.activityTaskCancelRequestedEventAttributes != null)).toBe(true);
    });
    leave.resolve(undefined);
    await ended;
    harness.flows.connectors.afterBulk = () => Promise.resolve();
    expect((await harness.runs(flow)).map(({ state, code }) => [state, code])).toEqual(
      times(4, ['dead_letter', 'ECL-2006']),
    );
  });
});

describe('a batch', () => {
  it('makes the calls of 100 deliveries at once, each with its own effect, and tells nothing in its history', async () => {
    const flow = 'batch-hundred';
    const steps = [
      { ...orderStep, call: { ...orderStep.call, output: "{ 'orderId': id }" } },
      { id: 'told', map: "{ 'order': $steps.order.orderId, 'mail': deal.mail }" },
    ];
    const batch = await harness.form(flow, steps, deals(flow, 100));
    const handle = await harness.start(batch);
    expect(await handle.result()).toEqual({ size: 100 });

    expect(harness.flows.connectors.madeInBulk.get('salesOrder.upsert')?.at(-1)).toBe(100);
    const runs = await harness.runs(flow);
    expect(states(runs)).toEqual(times(100, 'succeeded/succeeded'));
    expect(new Set(runs.map(({ batch_id: id }) => id))).toEqual(new Set([batch.batchId]));
    expect(await ordersOf(flow)).toHaveLength(100);
    expect(await harness.effects(flow)).toEqual([{ step_id: 'order', state: 'confirmed', effects: 100 }]);
    const attempts = await harness.flows.look(
      `SELECT a.outcome, a.attempt, a.ended_at IS NOT NULL AS ended, count(*)::int AS count FROM step_attempts a
       JOIN runs r ON r.id = a.run_id WHERE r.flow = $1 GROUP BY 1, 2, 3`,
      [flow],
    );
    expect(attempts).toEqual([{ outcome: 'ok', attempt: 1, ended: true, count: 100 }]);
    expect(
      await harness.flows.look('SELECT * FROM batch_outputs WHERE batch_id = $1', [batch.batchId]),
    ).toEqual([]);

    const history = await handle.fetchHistory();
    expect(history.events?.length).toBeLessThan(40);
    const text = textOf(history);
    for (const canary of ['jane@canary.example', `deal-${flow}-7`, runs[7]!.delivery_id])
      expect(text).not.toContain(canary);
    expect(harness.flows.log.join()).not.toContain('canary.example');
  });

  it('gives later steps the outputs of earlier ones, each run its own', async () => {
    const flow = 'batch-outputs';
    const steps = [
      { ...orderStep, call: { ...orderStep.call, output: "{ 'orderId': id }" } },
      {
        ...noteStep,
        call: { ...noteStep.call, with: "{ 'text': deal.id & ' has ' & $steps.order.orderId }" },
      },
    ];
    const batch = await harness.form(flow, steps, deals(flow, 3));
    await (await harness.start(batch)).result();
    const orders = await ordersOf(flow);
    const notes = (await harness.flows.erp.rows('note')).map((row) => row['text']);
    for (const order of orders) {
      expect(notes).toContain(
        `${String(order['external_id']).replace('deal-', '')} has ${String(order['id'])}`,
      );
    }
  });

  it('lets those go that may be tried again; each goes on alone and goes on counting', async () => {
    const flow = 'batch-leaving';
    const { erp } = harness.flows;
    await erp.query(`INSERT INTO ${erp.schema}.gate VALUES ('open')`);
    const bodies = deals(flow, 4, (index) => ({ gate: index === 2 ? 'shut' : 'open' }));
    const batch = await harness.form(flow, [orderStep, gateStep(50)], bodies);
    expect(await (await harness.start(batch)).result()).toEqual({ size: 3 });
    const left = (await harness.runs(flow))[2];
    expect(left).toMatchObject({
      state: 'queued',
      delivery_state: 'running',
      batch_id: null,
      note: 'left batch',
    });
    expect(left?.start_reason).toContain('The gate is closed.');
    const before = harness.flows.connectors.made.get('salesOrder.upsert');
    await erp.query(`INSERT INTO ${erp.schema}.gate VALUES ('shut')`);
    await eventually(async () => {
      await harness.runAlone(flow);
      expect(states(await harness.runs(flow))).toEqual(times(4, 'succeeded/succeeded'));
    });
    // The order was confirmed in the batch: it is not made again.
    expect(harness.flows.connectors.made.get('salesOrder.upsert')).toBe(before);
    const attempts = await harness.flows.look(
      "SELECT attempt, outcome FROM step_attempts WHERE run_id = $1 AND step_id = 'gate' ORDER BY attempt",
      [left?.id],
    );
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['transient', 'ok']);
  });

  it('goes on with the commonest branch; the others leave', async () => {
    const flow = 'batch-branches';
    const bodies = deals(flow, 5, (index) => ({ size: index < 3 ? 'large' : 'small' }));
    const steps = [
      { id: 'size', choose: [{ when: "deal.size = 'large'", steps: [orderStep] }], otherwise: [noteStep] },
    ];
    const batch = await harness.form(flow, steps, bodies);
    expect(await (await harness.start(batch)).result()).toEqual({ size: 3 });
    const notes = (await harness.flows.erp.rows('note')).length;
    await harness.runAlone(flow);
    expect(states(await harness.runs(flow))).toEqual(times(5, 'succeeded/succeeded'));
    expect(await ordersOf(flow)).toHaveLength(3);
    expect(await harness.flows.erp.rows('note')).toHaveLength(notes + 2);
  });

  it('makes writes again whose answers were lost, under the same keys, and has each once', async () => {
    const flow = 'batch-answer-lost';
    harness.flows.connectors.lose.set('salesOrder.upsert', 1);
    const batch = await harness.form(flow, [orderStep], deals(flow, 10));
    expect(await (await harness.start(batch)).result()).toEqual({ size: 10 });
    expect(await ordersOf(flow)).toHaveLength(10);
    expect(await harness.effects(flow)).toEqual([{ step_id: 'order', state: 'confirmed', effects: 10 }]);
  });

  it('doubles nothing when it is cut in half and its runs go on alone while its worker still calls', async () => {
    const flow = 'batch-cut';
    const entered = Promise.withResolvers<undefined>();
    const leave = Promise.withResolvers<undefined>();
    harness.flows.connectors.afterBulk = async () => {
      entered.resolve(undefined);
      await leave.promise;
    };
    const batch = await harness.form(flow, [orderStep], deals(flow, 6));
    const handle = await harness.start(batch);
    await entered.promise;
    await handle.terminate('spec');
    expect(await harness.dissolve(batch)).toBe(6);
    harness.flows.connectors.afterBulk = () => Promise.resolve();
    await harness.runAlone(flow);
    leave.resolve(undefined);
    expect(states(await harness.runs(flow))).toEqual(times(6, 'succeeded/succeeded'));
    expect(await ordersOf(flow)).toHaveLength(6);
    expect(await harness.effects(flow)).toEqual([{ step_id: 'order', state: 'confirmed', effects: 6 }]);
  });

  it('does nothing when it is started again after its end', async () => {
    const flow = 'batch-twice';
    const batch = await harness.form(flow, [orderStep], deals(flow, 2));
    await (await harness.start(batch)).result();
    const made = harness.flows.connectors.madeInBulk.get('salesOrder.upsert')?.length;
    const again = { ...batch, workflowId: `${batch.workflowId}:again` };
    expect(await (await harness.start(again)).result()).toEqual({ size: 0 });
    expect(harness.flows.connectors.madeInBulk.get('salesOrder.upsert')?.length).toBe(made);
  });
});
