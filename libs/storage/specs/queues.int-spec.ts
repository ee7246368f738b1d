import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { FlowDefinition } from '@ecluse/contracts';
import { LEFT_BATCH, type LaneHandover, type NewDelivery, type QueueLook } from '@ecluse/storage';
import {
  PostgresBatchDispatch,
  PostgresDispatchStore,
  PostgresInboxWriter,
  PostgresLaneDispatch,
} from '@ecluse/storage/postgres';
import { StorageFixture, aDefinition, aDelivery, aTenant, releaseFlow } from './storage-fixture.js';

let fixture: StorageFixture;
let dispatch: PostgresDispatchStore;
let batches: PostgresBatchDispatch;
let lanes: PostgresLaneDispatch;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  const dataSource = await fixture.as('dispatcher');
  dispatch = new PostgresDispatchStore(dataSource);
  batches = new PostgresBatchDispatch(dataSource);
  lanes = new PostgresLaneDispatch(dataSource);
});
afterAll(() => fixture.close());

const FLOW = 'deal-to-order';
const MANY_BYTES = 1_000_000;

/** Planned deliveries of a tenant of its own; answers the tenant. */
async function planned(
  count: number,
  changes: Partial<FlowDefinition> = {},
  delivery: Partial<NewDelivery> = {},
): Promise<string> {
  const tenant = aTenant();
  await releaseFlow(fixture, tenant, FLOW, { ...aDefinition(), ...changes });
  const inbox = new PostgresInboxWriter(await fixture.as('door'));
  for (let made = 0; made < count; made += 1) await inbox.insert(aDelivery(tenant, delivery));
  while ((await dispatch.plan(100)) > 0);
  return tenant;
}
async function lookAt(queue: string): Promise<QueueLook> {
  const look = (await dispatch.queues('', 1_000)).find((candidate) => candidate.queue === queue);
  if (look === undefined) throw new Error(`queue ${queue} has nothing`);
  return look;
}
const quotaOf = (tenant: string, size: number) => ({
  batchId: randomUUID(),
  queue: `${tenant}/${FLOW}`,
  flowVersion: 1,
  size,
});

describe('a look at the queues', () => {
  it('tells what waits and how it may go', async () => {
    const tenant = await planned(5, { batch: { max: 7, within: '200ms' } });
    await fixture.look(
      'UPDATE runs SET note = $2 WHERE id = (SELECT id FROM runs WHERE tenant = $1 ORDER BY position LIMIT 1)',
      [tenant, LEFT_BATCH],
    );
    expect(await lookAt(`${tenant}/${FLOW}`)).toMatchObject({
      laneKey: null,
      waiting: 5,
      alone: 1,
      batchable: 4,
      headVersion: 1,
      batchMax: 7,
      batchWithinMs: 200,
      unopened: 0,
      openBatches: 0,
      connection: 'free',
    });
  });

  it('tells when a run that was given back may be claimed again', async () => {
    const tenant = await planned(2);
    const queue = `${tenant}/${FLOW}`;
    for (const run of await dispatch.claim('spec', [{ queue, size: 2, aloneOnly: false }], 60))
      await dispatch.release(run, 30, 'the engine is away');
    const look = await lookAt(queue);
    expect(look.waiting).toBe(0);
    expect(Math.ceil((look.dueMs ?? 0) / 1_000)).toBe(30);
    expect((await lookAt(`${await planned(1)}/${FLOW}`)).dueMs).toBeNull();
  });

  it('walks on behind the last queue of a page', async () => {
    const queues = [await planned(1), await planned(1), await planned(1)].map(
      (tenant) => `${tenant}/${FLOW}`,
    );
    const seen: string[] = [];
    for (let after = ''; ; after = seen.at(-1) ?? '') {
      const page = await dispatch.queues(after, 1);
      if (page.length === 0) break;
      seen.push(...page.map(({ queue }) => queue));
    }
    expect(seen).toEqual(expect.arrayContaining(queues));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each<[string, string | null, QueueLook['connection']]>([
    ['paused', null, 'held'],
    ['open', '1 minute', 'held'],
    ['open', '-1 second', 'probe'],
    ['closed', null, 'free'],
  ])('sees a connection that is %s until %s as %s', async (state, until, expected) => {
    const call: FlowDefinition['steps'] = [
      { id: 'order', call: { connection: 'erp', operation: 'upsert', with: '$' } },
    ];
    const tenant = await planned(1, { steps: call });
    await fixture.look(
      `INSERT INTO connection_states (tenant, connection, state, open_until)
       VALUES ($1, 'erp', $2, now() + $3::interval), ($1, 'other', 'paused', null)`,
      [tenant, state, until],
    );
    expect((await lookAt(`${tenant}/${FLOW}`)).connection).toBe(expected);
  });
});

describe('batches', () => {
  it('are formed of the head of the queue, whole, and never share a run', async () => {
    const tenant = await planned(25);
    const formed = (
      await Promise.all(Array.from({ length: 4 }, () => batches.form([quotaOf(tenant, 10)], MANY_BYTES)))
    ).flat();
    expect(formed.reduce((sum, { size }) => sum + size, 0)).toBe(25);
    const members = await fixture.look<{ batch_id: string; count: number; state: string }>(
      'SELECT batch_id, state, count(*)::int FROM runs WHERE tenant = $1 GROUP BY 1, 2 ORDER BY 1',
      [tenant],
    );
    expect(members).toEqual(
      formed
        .map(({ batchId, size }) => ({ batch_id: batchId, state: 'started', count: size }))
        .sort((a, b) => (a.batch_id < b.batch_id ? -1 : 1)),
    );
  });

  it('hold as many bytes as allowed, and at least one run', async () => {
    const tenant = await planned(5, {}, { bodyBytes: 400 });
    const sizes = [];
    for (const most of [1_000, 100]) sizes.push(...(await batches.form([quotaOf(tenant, 10)], most)));
    expect(sizes.map(({ size }) => size)).toEqual([2, 1]);
  });

  it('leave alone what left a batch, a replay, and what ran on its own before', async () => {
    const tenant = await planned(4);
    const changes = [`note = '${LEFT_BATCH}'`, 'replay_no = 1', 'start_attempts = 1, opened_at = now()'];
    for (const [index, change] of changes.entries())
      await fixture.look(
        `UPDATE runs SET ${change} WHERE id = (SELECT id FROM runs WHERE tenant = $1 ORDER BY position OFFSET ${String(index)} LIMIT 1)`,
        [tenant],
      );
    const [formed] = await batches.form([quotaOf(tenant, 10)], MANY_BYTES);
    expect(formed?.size).toBe(1);
    const alone = { queue: `${tenant}/${FLOW}`, size: 10, aloneOnly: true };
    expect(await dispatch.claim('spec', [alone], 60)).toHaveLength(3);
  });

  it('whose dispatcher died are taken over by one other, until they are started', async () => {
    const tenant = await planned(3);
    const [formed] = await batches.form([quotaOf(tenant, 10)], MANY_BYTES);
    expect(await batches.takeOver(60, 10)).toEqual([]);
    await batches.postpone(formed?.batchId ?? '', 0, 60);
    const taken = (await Promise.all([batches.takeOver(60, 10), batches.takeOver(60, 10)])).flat();
    expect(taken).toEqual([formed]);
    await batches.markBatchStarted({ batchId: formed?.batchId ?? '', temporalRunId: 'temporal-1' });
    expect(await batches.takeOver(-60, 10)).not.toContainEqual(formed);
  });

  it('that are dissolved give back what has not ended', async () => {
    const tenant = await planned(3);
    const [formed] = await batches.form([quotaOf(tenant, 10)], MANY_BYTES);
    await fixture.look(
      `UPDATE runs SET state = 'succeeded' WHERE id = (SELECT id FROM runs WHERE tenant = $1 ORDER BY position LIMIT 1)`,
      [tenant],
    );
    expect(await batches.dissolve([formed?.batchId ?? ''], { alone: true })).toBe(2);
    const rows = await fixture.look<{ state: string; note: string | null; batch: boolean }>(
      'SELECT state, note, batch_id IS NOT NULL AS batch FROM runs WHERE tenant = $1 ORDER BY position',
      [tenant],
    );
    expect(rows).toEqual([
      { state: 'succeeded', note: null, batch: true },
      { state: 'queued', note: LEFT_BATCH, batch: false },
      { state: 'queued', note: LEFT_BATCH, batch: false },
    ]);
  });
});

describe('lanes', () => {
  /** A lane with waiting runs; answers its queue. */
  async function lane(count: number): Promise<string> {
    const tenant = await planned(count, { order: { by: 'deal.id' } });
    // The deliveries carry no key: they share the lane of those.
    return `${tenant}/${FLOW}/-`;
  }
  const lease = (who: string, queue: string, size = 50): Promise<LaneHandover[]> =>
    lanes.leaseLanes(who, [{ queue, size }], 60);
  const set = (queue: string, change: string): Promise<unknown> =>
    fixture.look(`UPDATE lanes SET ${change} WHERE queue = $1`, [queue]);
  const statesIn = async (queue: string): Promise<string[]> =>
    (
      await fixture.look<{ state: string }>('SELECT state FROM runs WHERE queue = $1 ORDER BY position', [
        queue,
      ])
    ).map(({ state }) => state);

  it('are leased to one dispatcher, whose runs come in order of arrival', async () => {
    const queue = await lane(6);
    const leased = (
      await Promise.all(Array.from({ length: 5 }, (_, n) => lease(`d${String(n)}`, queue)))
    ).flat();
    expect(leased).toHaveLength(1);
    const positions = leased[0]?.runs.map(({ position }) => Number(position)) ?? [];
    expect(positions).toHaveLength(6);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect((await lookAt(queue)).waiting).toBe(0);
  });

  it('that nobody made are made, and leased by the next look', async () => {
    const queue = await lane(1);
    await fixture.look('DELETE FROM lanes WHERE queue = $1', [queue]);
    expect(await lease('one', queue)).toEqual([]);
    expect(await lease('one', queue)).toHaveLength(1);
  });

  it('go on behind what was handed over', async () => {
    const queue = await lane(3);
    const [first] = await lease('one', queue, 2);
    await lanes.handedOver('one', first!, 'temporal-1');
    expect(await statesIn(queue)).toEqual(['started', 'started', 'queued']);
    const [second] = await lease('two', queue);
    expect(second).toMatchObject({ outstanding: true, runs: [{ startAttempts: 0 }] });
  });

  it('stay closed while parked or blocked, and open again when a block is over', async () => {
    const queue = await lane(1);
    await set(queue, "state = 'parked'");
    expect(await lease('one', queue)).toEqual([]);
    await set(queue, "state = 'blocked', retry_at = now() + interval '1 minute'");
    expect(await lease('one', queue)).toEqual([]);
    const look = await lookAt(queue);
    expect(look.waiting).toBe(0);
    expect(Math.ceil((look.dueMs ?? 0) / 1_000)).toBe(60);
    await set(queue, "retry_at = now() - interval '1 second'");
    expect(await lease('one', queue)).toHaveLength(1);
    expect(await fixture.look('SELECT state FROM lanes WHERE queue = $1', [queue])).toEqual([
      { state: 'open' },
    ]);
  });

  it('mark nothing as started that a worker gave back before', async () => {
    const queue = await lane(2);
    const [leased] = await lease('one', queue);
    await set(queue, "state = 'parked'");
    await lanes.handedOver('one', leased!, 'temporal-1');
    expect(await statesIn(queue)).toEqual(['queued', 'queued']);
  });

  it('are free after a failure only when the pause is over', async () => {
    const queue = await lane(1);
    const [leased] = await lease('one', queue);
    await lanes.releaseLane('two', leased!, 0, 'not mine');
    expect(await lease('two', queue)).toEqual([]);
    await lanes.releaseLane('one', leased!, 60, 'the engine is away');
    expect(await lease('two', queue)).toEqual([]);
    await lanes.releaseLane('one', leased!, 0, 'not mine any more');
    await set(queue, 'claimed_until = NULL');
    expect(await lease('two', queue)).toHaveLength(1);
  });

  it('are recalled whole, but not from under another dispatcher', async () => {
    const queue = await lane(3);
    const [leased] = await lease('one', queue);
    await lanes.handedOver('one', leased!, 'temporal-1');
    await set(queue, "claimed_by = 'two', claimed_until = now() + interval '1 minute'");
    expect(await lanes.recallLane('one', queue, 'gone')).toBe(0);
    expect(await lanes.recallLane('two', queue, 'gone')).toBe(3);
    const [again] = await lease('one', queue);
    expect(again).toMatchObject({ outstanding: false });
    expect(again?.runs.map(({ runId }) => runId)).toEqual(leased!.runs.map(({ runId }) => runId));
  });
});
