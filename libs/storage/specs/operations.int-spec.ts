import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { QueuedRun } from '@ecluse/storage';
import {
  PostgresAuditLog,
  PostgresDeadLetterStore,
  PostgresDeliveryQueries,
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresReplayStore,
} from '@ecluse/storage/postgres';
import {
  CHANGE,
  StorageFixture,
  aDefinition,
  aDelivery,
  aTenant,
  acceptedRuns,
  deadLetteredRun,
  failRun,
  refusalOf,
  releaseFlow,
  succeedRun,
  claimAny,
} from './storage-fixture.js';

let fixture: StorageFixture;
let letters: PostgresDeadLetterStore;
let replays: PostgresReplayStore;
let deliveries: PostgresDeliveryQueries;
let dispatch: PostgresDispatchStore;
let audit: PostgresAuditLog;
let tenant: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  const admin = await fixture.as('admin-api');
  letters = new PostgresDeadLetterStore(admin);
  replays = new PostgresReplayStore(admin);
  deliveries = new PostgresDeliveryQueries(admin);
  audit = new PostgresAuditLog(admin);
  dispatch = new PostgresDispatchStore(await fixture.as('dispatcher'));
});
beforeEach(async () => {
  tenant = aTenant();
  await releaseFlow(fixture, tenant);
});
afterAll(() => fixture.close());

async function letterOf(run: QueuedRun): Promise<{ id: string; state: string; version: number }> {
  const { items } = await letters.list(tenant, {}, { limit: 50 });
  const letter = items.find((item) => item.runId === run.runId);
  if (letter === undefined) throw new Error('the run has a dead letter');
  return letter;
}
async function stateOf(run: QueuedRun): Promise<string | undefined> {
  return (await deliveries.find(tenant, run.deliveryId))?.state;
}
async function claimed(): Promise<QueuedRun> {
  const [run] = await claimAny(dispatch, 'spec', 10, 60);
  if (run === undefined) throw new Error('a run is queued');
  return run;
}
async function succeededRun(): Promise<QueuedRun> {
  const [run] = await acceptedRuns(fixture, tenant);
  await succeedRun(fixture, run!);
  return run!;
}

describe('dead letters, refusals', () => {
  it('does nothing to an unknown one, one of another tenant, or one read in an older version', async () => {
    const run = await deadLetteredRun(fixture, tenant);
    const { id } = await letterOf(run);
    for (const unknown of ['no-uuid', randomUUID()]) {
      expect(await letters.find(tenant, unknown)).toBeUndefined();
      expect(await refusalOf(letters.retry(tenant, unknown, { reason: null }, CHANGE))).toBe('NOT_FOUND');
    }
    expect(await refusalOf(letters.discard(aTenant(), id, { reason: 'x' }, CHANGE))).toBe('NOT_FOUND');
    const stale = { reason: 'x', expectedVersion: 9 };
    expect(await refusalOf(letters.discard(tenant, id, stale, CHANGE))).toBe('PRECONDITION_FAILED');
    expect(await letters.find(tenant, id)).toMatchObject({ state: 'open', version: 1, settledBy: null });
    expect(await stateOf(run)).toBe('dead_letter');
  });

  it('are settled once, whoever comes first', async () => {
    const run = await deadLetteredRun(fixture, tenant);
    const { id } = await letterOf(run);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        refusalOf(
          n % 2 === 0
            ? letters.retry(tenant, id, { reason: null }, CHANGE)
            : letters.discard(tenant, id, { reason: 'x' }, CHANGE),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'STATE_CONFLICT')).toHaveLength(9);
  });
});

describe('retry', () => {
  it('queues a run under the same origin that the dispatcher starts, and the delivery follows its end', async () => {
    const failed = await deadLetteredRun(fixture, tenant);
    const { id } = await letterOf(failed);
    const queued = await letters.retry(tenant, id, { reason: 'product created', expectedVersion: 1 }, CHANGE);
    expect(queued).toMatchObject({ state: 'queued', replayNo: 1, replayOf: failed.runId, flow: failed.flow });
    expect(await stateOf(failed)).toBe('running');
    const run = await claimed();
    expect(run).toMatchObject({
      origin: failed.origin,
      workflowId: `${failed.origin}/r1`,
      effectNonce: null,
    });
    await succeedRun(fixture, run);
    expect(await stateOf(failed)).toBe('succeeded');
    expect(await letters.find(tenant, id)).toMatchObject({ state: 'retried', settledBy: 'ada', version: 2 });
    const { items } = await audit.list(tenant, { action: 'dead-letter.retried' }, { limit: 5 });
    expect(items).toMatchObject([{ resource: `dead-letter/${id}`, detail: { runId: queued.id } }]);
  });

  it('runs the version that is released now', async () => {
    const failed = await deadLetteredRun(fixture, tenant);
    const version = await releaseFlow(
      fixture,
      tenant,
      'deal-to-order',
      aDefinition('crm-deals', 'corrected'),
    );
    const queued = await letters.retry(tenant, (await letterOf(failed)).id, { reason: null }, CHANGE);
    expect(queued.flowVersion).toBe(version);
    await claimed();
  });

  it('may end in a dead letter again, which is another one', async () => {
    const failed = await deadLetteredRun(fixture, tenant);
    await letters.retry(tenant, (await letterOf(failed)).id, { reason: null }, CHANGE);
    const run = await claimed();
    await failRun(fixture, run);
    expect(await stateOf(failed)).toBe('dead_letter');
    expect((await letters.list(tenant, { state: 'open' }, { limit: 5 })).items).toMatchObject([
      { runId: run.runId },
    ]);
  });
});

describe('discard', () => {
  it('ends the delivery with name and reason', async () => {
    const run = await deadLetteredRun(fixture, tenant);
    const { id } = await letterOf(run);
    const view = await letters.discard(tenant, id, { reason: 'test data' }, CHANGE);
    expect(view).toMatchObject({
      state: 'discarded',
      settledBy: 'ada',
      settledReason: 'test data',
      version: 2,
    });
    expect(view.remedy).toContain('missing record');
    expect(await stateOf(run)).toBe('discarded');
  });

  it('leaves the delivery a dead letter while another flow of it is one', async () => {
    await releaseFlow(fixture, tenant, 'second', aDefinition('crm-deals', 'second'));
    const both = await acceptedRuns(fixture, tenant);
    for (const run of both) await failRun(fixture, run);
    await letters.discard(tenant, (await letterOf(both[0]!)).id, { reason: 'x' }, CHANGE);
    expect(await stateOf(both[0]!)).toBe('dead_letter');
    await letters.discard(tenant, (await letterOf(both[1]!)).id, { reason: 'x' }, CHANGE);
    expect(await stateOf(both[0]!)).toBe('discarded');
  });
});

describe('replay', () => {
  const reason = 'spec';

  it('refuses what is unknown, still to come, or still running', async () => {
    expect(await refusalOf(replays.replay(tenant, 'no-uuid', { reason }, CHANGE))).toBe('NOT_FOUND');
    expect(await refusalOf(replays.replay(tenant, randomUUID(), { reason }, CHANGE))).toBe('NOT_FOUND');
    const fresh = aDelivery(tenant);
    await new PostgresInboxWriter(await fixture.as('door')).insert(fresh);
    expect(await refusalOf(replays.replay(tenant, fresh.id, { reason }, CHANGE))).toBe('STATE_CONFLICT');
    await dispatch.plan(100);
    expect(await refusalOf(replays.replay(tenant, fresh.id, { reason }, CHANGE))).toBe('STATE_CONFLICT');
    await claimed();
  });

  it('refuses a flow or version that does not exist or takes another source', async () => {
    const run = await succeededRun();
    await releaseFlow(fixture, tenant, 'elsewhere', aDefinition('another-source'));
    const requests = [
      { flow: 'none', reason },
      { version: 9, reason },
      { flow: 'elsewhere', version: 1, reason },
    ];
    for (const request of requests) {
      expect(await refusalOf(replays.replay(tenant, run.deliveryId, request, CHANGE))).toBe(
        'REQUEST_INVALID',
      );
    }
    const foreign = { flow: 'elsewhere', reason };
    expect(await refusalOf(replays.replay(tenant, run.deliveryId, foreign, CHANGE))).toBe('STATE_CONFLICT');
    expect(await stateOf(run)).toBe('succeeded');
  });

  it('wants the flow named where the source feeds several', async () => {
    const run = await succeededRun();
    await releaseFlow(fixture, tenant, 'second', aDefinition('crm-deals', 'second'));
    expect(await refusalOf(replays.replay(tenant, run.deliveryId, { reason }, CHANGE))).toBe(
      'REQUEST_INVALID',
    );
    const queued = await replays.replay(tenant, run.deliveryId, { flow: 'second', reason }, CHANGE);
    // The flow never ran for this delivery: this is its first run.
    expect(queued).toMatchObject({ flow: 'second', replayNo: 0, replayOf: null });
    expect((await claimed()).workflowId).toBe(run.workflowId.replace(/:deal-to-order$/, ':second'));
  });

  it('keeps the effect keys, or makes new ones when effects are wanted again', async () => {
    const run = await succeededRun();
    const first = await replays.replay(tenant, run.deliveryId, { reason }, CHANGE);
    expect(first).toMatchObject({ replayNo: 1, replayOf: run.runId });
    const one = await claimed();
    expect(one).toMatchObject({ origin: run.origin, effectNonce: null, workflowId: `${run.origin}/r1` });
    await failRun(fixture, one);
    await replays.replay(tenant, run.deliveryId, { repeatEffects: true, reason }, CHANGE);
    const two = await claimed();
    expect(two).toMatchObject({ effectNonce: 'r2', workflowId: `${run.origin}/r2`, replayOf: one.runId });
    // It took over from the dead letter of the run before.
    expect(await letterOf(one)).toMatchObject({ state: 'retried' });
    await failRun(fixture, two);
    await letters.retry(tenant, (await letterOf(two)).id, { reason: null }, CHANGE);
    const three = await claimed();
    expect(three.effectNonce).toBe('r2');
    await succeedRun(fixture, three);
    expect(await stateOf(run)).toBe('succeeded');
  });

  it('queues one run of ten concurrent requests, with its audit row', async () => {
    const run = await succeededRun();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => refusalOf(replays.replay(tenant, run.deliveryId, { reason }, CHANGE))),
    );
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'STATE_CONFLICT')).toHaveLength(9);
    expect((await audit.list(tenant, { action: 'delivery.replayed' }, { limit: 50 })).items).toHaveLength(1);
    await claimed();
  });

  it('runs a version that is not released when it is named', async () => {
    const run = await succeededRun();
    await releaseFlow(fixture, tenant, 'deal-to-order', aDefinition('crm-deals', 'newer'));
    const queued = await replays.replay(tenant, run.deliveryId, { version: 1, reason }, CHANGE);
    expect(queued.flowVersion).toBe(1);
    expect(
      await new PostgresFlowStore(await fixture.as('admin-api')).find(tenant, 'deal-to-order'),
    ).toMatchObject({
      releasedVersion: 2,
    });
    await claimed();
  });
});

describe('deliveries', () => {
  it('are listed with their runs, filtered and newest first', async () => {
    const [one, two] = [await succeededRun(), await deadLetteredRun(fixture, tenant)];
    const all = await deliveries.list(tenant, {}, { limit: 10 });
    expect(all.items.map((item) => item.id)).toEqual([two.deliveryId, one.deliveryId]);
    expect(all.items[0]?.runs).toMatchObject([{ id: two.runId, state: 'dead_letter' }]);
    expect((await deliveries.list(tenant, { state: 'succeeded' }, { limit: 10 })).items).toHaveLength(1);
    expect((await deliveries.list(tenant, { source: 'other' }, { limit: 10 })).items).toEqual([]);
    const first = await deliveries.list(tenant, {}, { limit: 1 });
    const second = await deliveries.list(tenant, {}, { limit: 1, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ id: one.deliveryId }], nextCursor: null });
    expect(await deliveries.find(aTenant(), one.deliveryId)).toBeUndefined();
    expect(await deliveries.find(tenant, 'no-uuid')).toBeUndefined();
  });
});
