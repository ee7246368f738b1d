import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  PostgresDeadLetterStore,
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresRunStore,
} from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import {
  CHANGE,
  StorageFixture,
  aDefinition,
  aDelivery,
  aTenant,
  acceptedRuns,
  claimAny,
  refOf,
  releaseFlow,
  succeedRun,
} from './storage-fixture.js';

let fixture: StorageFixture;
let inbox: PostgresInboxWriter;
let dispatch: PostgresDispatchStore;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  inbox = new PostgresInboxWriter(await fixture.as('door'));
  dispatch = new PostgresDispatchStore(await fixture.as('dispatcher'), { firstPauseMs: 20 });
});
afterAll(() => fixture.close());

async function stateOf(id: string): Promise<{ state: string; state_reason: string | null } | undefined> {
  const [row] = await fixture.look<{ state: string; state_reason: string | null }>(
    'SELECT state, state_reason FROM inbox WHERE id = $1',
    [id],
  );
  return row;
}

/** Lets a claim's time be over. */
async function expireClaim(runId: string): Promise<void> {
  await fixture.look(`UPDATE runs SET claimed_until = now() - interval '1 second' WHERE id = $1`, [runId]);
}

describe('planning', () => {
  it('lets a delivery without a released flow wait, with a reason', async () => {
    const delivery = aDelivery(aTenant());
    await inbox.insert(delivery);
    expect(await dispatch.plan(100)).toBeGreaterThanOrEqual(1);
    expect(await stateOf(delivery.id)).toEqual({
      state: 'waiting',
      state_reason: 'no released flow takes source crm-deals',
    });
    expect(await dispatch.plan(100)).toBe(0);
  });

  it('takes up waiting deliveries after a release', async () => {
    const tenant = aTenant();
    const delivery = aDelivery(tenant);
    await inbox.insert(delivery);
    await dispatch.plan(100);
    await releaseFlow(fixture, tenant);
    expect(await stateOf(delivery.id)).toEqual({ state: 'received', state_reason: null });
    await dispatch.plan(100);
    expect((await stateOf(delivery.id))?.state).toBe('running');
  });

  it('takes up a delivery that a plan parked after the release had looked', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const delivery = aDelivery(tenant);
    await inbox.insert(delivery);
    // What a plan with an older snapshot leaves behind.
    await fixture.look(`UPDATE inbox SET state = 'waiting' WHERE id = $1`, [delivery.id]);
    expect(await dispatch.awaken()).toBe(1);
    expect(await dispatch.plan(100)).toBe(1);
    expect((await stateOf(delivery.id))?.state).toBe('running');
  });

  it('makes one run per released flow, with an id that only the delivery decides', async () => {
    const tenant = aTenant();
    const version = await releaseFlow(fixture, tenant, 'to-erp');
    await releaseFlow(fixture, tenant, 'to-mail', aDefinition('crm-deals', 'mail'));
    await releaseFlow(fixture, tenant, 'other', aDefinition('another-source'));
    const delivery = aDelivery(tenant, { deliveryKey: 'évt_1' });
    const runs = await acceptedRuns(fixture, tenant, delivery);
    expect(runs.map((run) => run.flow).sort()).toEqual(['to-erp', 'to-mail']);
    const hash = createHash('sha256').update('évt_1').digest('hex').slice(0, 32);
    const erp = runs.find((run) => run.flow === 'to-erp');
    expect(erp).toMatchObject({
      tenant,
      deliveryId: delivery.id,
      flowVersion: version,
      workflowId: `wh:${tenant}:crm-deals:${hash}:to-erp`,
      origin: `wh:${tenant}:crm-deals:${hash}:to-erp`,
      effectNonce: null,
      replayOf: null,
      startAttempts: 1,
    });
  });

  it('plans each delivery once when several dispatchers plan at once', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const deliveries = Array.from({ length: 60 }, () => aDelivery(tenant));
    await Promise.all(deliveries.map((delivery) => inbox.insert(delivery)));
    // While one of them plans a source the others pass it over.
    const handled = await Promise.all(Array.from({ length: 8 }, () => dispatch.plan(20)));
    for (let more = 1; more > 0; handled.push(more)) more = await dispatch.plan(20);
    expect(handled.reduce((sum, count) => sum + count)).toBe(60);
    const runs = await fixture.look('SELECT 1 FROM runs WHERE tenant = $1', [tenant]);
    expect(runs).toHaveLength(60);
    while ((await claimAny(dispatch, 'drain', 100, 60)).length > 0);
  });
});

describe('claims', () => {
  it('never gives one run to two dispatchers', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    await Promise.all(Array.from({ length: 40 }, () => inbox.insert(aDelivery(tenant))));
    await dispatch.plan(100);
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, n) => claimAny(dispatch, `d${String(n)}`, 10, 60)),
    );
    const ids = claims.flat().map((run) => run.runId);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  it('frees the run of a dispatcher that died when its claim is over, and not before', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [run] = await acceptedRuns(fixture, tenant);
    expect(await claimAny(dispatch, 'second', 10, 60)).toEqual([]);
    await expireClaim(run!.runId);
    const [again] = await claimAny(dispatch, 'second', 10, 60);
    expect(again).toMatchObject({ runId: run!.runId, startAttempts: 2 });
  });

  it('does not let an old claim give back or refuse a run that was claimed since', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [old] = await acceptedRuns(fixture, tenant);
    await expireClaim(old!.runId);
    const [current] = await claimAny(dispatch, 'second', 10, 60);
    await dispatch.release(old!, 0, 'too late');
    await dispatch.refuse(old!, 'too late');
    expect(await claimAny(dispatch, 'third', 10, 60)).toEqual([]);
    await dispatch.release(current!, 0, 'Temporal is away');
    const [row] = await fixture.look<{ start_reason: string }>(
      'SELECT start_reason FROM runs WHERE id = $1',
      [old!.runId],
    );
    expect(row?.start_reason).toBe('Temporal is away');
    expect(await claimAny(dispatch, 'third', 10, 60)).toHaveLength(1);
  });

  it('leaves a run that was given back alone until its delay is over', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [run] = await acceptedRuns(fixture, tenant);
    await dispatch.release(run!, 30, 'Temporal is away');
    expect(await claimAny(dispatch, 'second', 10, 60)).toEqual([]);
    await expireClaim(run!.runId);
    expect(await claimAny(dispatch, 'second', 10, 60)).toHaveLength(1);
  });

  it('marks a started run, and keeps the state of one that a worker has opened or ended', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [first] = await acceptedRuns(fixture, tenant);
    const [second] = await acceptedRuns(fixture, tenant);
    const [third] = await acceptedRuns(fixture, tenant);
    await new PostgresRunStore(await fixture.as('worker')).open(refOf(second!), 'temporal-2');
    await succeedRun(fixture, third!);
    await Promise.all(
      [first!, second!, third!].map((run) => dispatch.markStarted({ ...run, temporalRunId: 'temporal-1' })),
    );
    const rows = await fixture.look<{ state: string }>(
      'SELECT state FROM runs WHERE id = ANY($1) ORDER BY queued_at',
      [[first!.runId, second!.runId, third!.runId]],
    );
    expect(rows.map((row) => row.state)).toEqual(['started', 'running', 'succeeded']);
  });

  it('turns a run that can never start into a dead letter with its reason', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [run] = await acceptedRuns(fixture, tenant);
    await dispatch.refuse(run!, 'the namespace does not exist');
    await dispatch.refuse(run!, 'again');
    expect((await stateOf(run!.deliveryId))?.state).toBe('dead_letter');
    const letters = new PostgresDeadLetterStore(await fixture.as('admin-api'));
    const { items } = await letters.list(tenant, { state: 'open' }, { limit: 10 });
    expect(items).toMatchObject([
      { code: 'ECL-2002', reason: 'the namespace does not exist', runId: run!.runId },
    ]);
  });
});

describe('listening', () => {
  it('is woken by an insert, and by a reconnect after its connection was cut', async () => {
    const tenant = aTenant();
    let woken = 0;
    const stop = await dispatch.listen(() => {
      woken += 1;
    });
    await inbox.insert(aDelivery(tenant));
    await eventually(() => {
      expect(woken).toBe(1);
    });
    const cut = await fixture.look(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'listen ecluse_inbox' AND datname = current_database()`,
    );
    expect(cut).toHaveLength(1);
    await eventually(() => {
      expect(woken).toBe(2);
    });
    await inbox.insert(aDelivery(tenant));
    await eventually(() => {
      expect(woken).toBe(3);
    });
    await stop();
    await eventually(async () => {
      const left = await fixture.look(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'listen ecluse_inbox' AND datname = current_database()`,
      );
      expect(left).toHaveLength(0);
    });
  });

  it('is woken by a release', async () => {
    const tenant = aTenant();
    let woken = 0;
    const stop = await dispatch.listen(() => {
      woken += 1;
    });
    await releaseFlow(fixture, tenant);
    await eventually(() => {
      expect(woken).toBe(1);
    });
    await stop();
  });
});

describe('partitions', () => {
  it('makes the coming days, repeatedly and by several callers at once', async () => {
    await fixture.look(
      `DROP TABLE ecluse.inbox_bodies_${await dayAhead(6)}, ecluse.inbox_bodies_${await dayAhead(7)}`,
    );
    await Promise.all([dispatch.ensurePartitions(), dispatch.ensurePartitions()]);
    await dispatch.ensurePartitions();
    expect(await exists(await dayAhead(7))).toBe(true);
  });

  it('leaves a day alone whose bodies lie in the default partition already', async () => {
    const day = await dayAhead(5);
    await fixture.look(`DROP TABLE ecluse.inbox_bodies_${day}`);
    await fixture.look(
      `INSERT INTO ecluse.inbox_bodies (delivery_id, tenant, received_day, ciphertext, wrapped_key, key_name)
       VALUES (gen_random_uuid(), 't', to_date($1, 'YYYYMMDD'), '', '', '')`,
      [day],
    );
    await dispatch.ensurePartitions();
    expect(await exists(day)).toBe(false);
    await fixture.look(`DELETE FROM ecluse.inbox_bodies_default WHERE tenant = 't'`);
    await dispatch.ensurePartitions();
    expect(await exists(day)).toBe(true);
  });

  async function dayAhead(days: number): Promise<string> {
    const [row] = await fixture.look<{ day: string }>(
      `SELECT to_char((now() AT TIME ZONE 'UTC')::date + $1::int, 'YYYYMMDD') AS day`,
      [days],
    );
    return row!.day;
  }
  async function exists(day: string): Promise<boolean> {
    const [row] = await fixture.look<{ found: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS found`, [
      `ecluse.inbox_bodies_${day}`,
    ]);
    return row!.found;
  }
});

describe('a release beside planning', () => {
  it('leaves no delivery waiting once a plan has run after it', async () => {
    const tenant = aTenant();
    const deliveries = Array.from({ length: 30 }, () => aDelivery(tenant));
    const flows = new PostgresFlowStore(await fixture.as('admin-api'));
    const publication = { definition: aDefinition(), sha256: 'hash' };
    await flows.publish(tenant, 'race', publication, { expectedVersion: null }, CHANGE);
    await Promise.all([
      ...deliveries.map(async (delivery) => {
        await inbox.insert(delivery);
        await dispatch.plan(3);
      }),
      flows.release(tenant, 'race', { version: 1, reason: null }, CHANGE),
    ]);
    await dispatch.awaken();
    while ((await dispatch.plan(100)) > 0);
    const rows = await fixture.look('SELECT DISTINCT state FROM inbox WHERE tenant = $1', [tenant]);
    expect(rows).toEqual([{ state: 'running' }]);
  });
});
