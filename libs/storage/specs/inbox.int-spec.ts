import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DeliveryConflict, InsertOutcome } from '@ecluse/storage';
import {
  PostgresAuditLog,
  PostgresDeliveryReader,
  PostgresDispatchStore,
  PostgresInboxWriter,
  createDataSource,
  withTenant,
} from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { StorageFixture, aDelivery, aTenant, refusalOf, sha256 } from './storage-fixture.js';

let fixture: StorageFixture;
let inbox: PostgresInboxWriter;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  inbox = new PostgresInboxWriter(await fixture.as('door'));
});
afterAll(() => fixture.close());

describe('PostgresInboxWriter, refusals', () => {
  it('answers INBOX_UNAVAILABLE when its connections are cut, and works again without a restart', async () => {
    const tenant = aTenant();
    const dataSource = createDataSource({
      url: fixture.url('door'),
      applicationName: 'spec-cut',
      poolSize: 1,
    });
    await dataSource.initialize();
    const writer = new PostgresInboxWriter(dataSource);
    await writer.insert(aDelivery(tenant));
    await fixture.look(
      `ALTER DATABASE ${fixture.database.name} WITH ALLOW_CONNECTIONS true CONNECTION LIMIT 0`,
    );
    try {
      await fixture.look(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spec-cut'`,
      );
      expect(await refusalOf(writer.insert(aDelivery(tenant)))).toBe('INBOX_UNAVAILABLE');
    } finally {
      await fixture.look(`ALTER DATABASE ${fixture.database.name} WITH CONNECTION LIMIT -1`);
    }
    expect((await writer.insert(aDelivery(tenant))).kind).toBe('inserted');
    await dataSource.destroy();
  });

  it('answers INBOX_UNAVAILABLE when a statement waits too long, and stores nothing', async () => {
    const tenant = aTenant();
    const dataSource = createDataSource({
      url: fixture.url('door'),
      applicationName: 'spec-slow',
      statementTimeoutMs: 150,
    });
    await dataSource.initialize();
    const owner = (await fixture.as('owner')).createQueryRunner();
    await owner.startTransaction();
    await owner.query('LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE');
    expect(await refusalOf(new PostgresInboxWriter(dataSource).insert(aDelivery(tenant)))).toBe(
      'INBOX_UNAVAILABLE',
    );
    await owner.rollbackTransaction();
    await owner.release();
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(0);
    await dataSource.destroy();
  });

  it('stores neither row nor body when the body cannot be stored', async () => {
    const tenant = aTenant();
    await fixture.look(
      `ALTER TABLE inbox_bodies ADD CONSTRAINT spec_key_form CHECK (wrapped_key <> 'poison')`,
    );
    const delivery = aDelivery(tenant);
    const poisoned = { ...delivery, body: { ...delivery.body, wrappedKey: 'poison' } };
    const error: unknown = await inbox.insert(poisoned).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ errorName: 'INTERNAL' });
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(0);
    // What the database said about the row stays behind.
    const told = JSON.stringify([
      error,
      (error as Error).message,
      String((error as Error).cause),
      (error as Error).stack,
    ]);
    expect(told).not.toContain(delivery.deliveryKey);
    expect(told).not.toContain('poison');
    await fixture.look('ALTER TABLE inbox_bodies DROP CONSTRAINT spec_key_form');
  });
});

describe('PostgresInboxWriter, security events', () => {
  const conflict = (tenant: string): DeliveryConflict => ({
    tenant,
    source: 'crm-deals',
    deliveryId: randomUUID(),
    count: 3,
    requestId: 'req-1',
  });

  it('are in the audit, where the admin API reads them', async () => {
    const tenant = aTenant();
    const event = conflict(tenant);
    await inbox.reportConflict(event);
    const audit = new PostgresAuditLog(await fixture.as('admin-api'));
    const { items } = await audit.list(tenant, { action: 'delivery.conflict' }, { limit: 5 });
    expect(items).toMatchObject([
      {
        actor: 'door',
        resource: 'source/crm-deals',
        detail: { deliveryId: event.deliveryId, count: 3 },
        requestId: 'req-1',
      },
    ]);
  });

  it.each([
    ['another actor', `'ada', 'delivery.conflict'`],
    ['another action', `'door', 'flow.released'`],
  ])('are all that the door may write there: not %s', async (_name, values) => {
    const tenant = aTenant();
    const door = await fixture.as('door');
    const forged = withTenant(door, tenant, (sql) =>
      sql.rows(`INSERT INTO audit (tenant, actor, action, resource) VALUES ($1, ${values}, 'source/x')`, [
        tenant,
      ]),
    );
    expect(await refusalOf(forged)).toBe('INTERNAL');
    const read = withTenant(door, tenant, (sql) => sql.rows('SELECT 1 FROM audit'));
    expect(await refusalOf(read)).toBe('INTERNAL');
    expect(await fixture.look('SELECT 1 FROM audit WHERE tenant = $1', [tenant])).toHaveLength(0);
  });
});

describe('PostgresInboxWriter', () => {
  it('tells first, repetition and conflict apart inside one group, as it does against the table', async () => {
    const tenant = aTenant();
    const [first, same, other, elsewhere] = [
      aDelivery(tenant, { deliveryKey: 'k' }),
      aDelivery(tenant, { deliveryKey: 'k' }),
      aDelivery(tenant, { deliveryKey: 'k', bodySha256: sha256('other') }),
      aDelivery(tenant, { deliveryKey: 'k', source: 'crm-contacts' }),
    ];
    const send = () => Promise.all([first, same, other, elsewhere].map((delivery) => inbox.insert(delivery)));
    const repeated = [
      { kind: 'duplicate', id: first.id, sameBody: true },
      { kind: 'duplicate', id: first.id, sameBody: false },
    ];
    expect(await send()).toEqual([
      { kind: 'inserted', id: first.id },
      ...repeated,
      { kind: 'inserted', id: elsewhere.id },
    ]);
    const again = [
      aDelivery(tenant, { deliveryKey: 'k' }),
      aDelivery(tenant, { deliveryKey: 'k', bodySha256: sha256('other') }),
    ];
    expect(await Promise.all(again.map((delivery) => inbox.insert(delivery)))).toEqual(repeated);
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(2);
  });

  it('gives positions in the order of arrival, whatever the keys, and keeps each body with its row', async () => {
    const tenant = aTenant();
    const keys = Array.from({ length: 250 }, (_, index) => `${String((index * 7919) % 250)}-key`);
    await Promise.all(
      keys.map((deliveryKey) => {
        const delivery = aDelivery(tenant, { deliveryKey });
        const ciphertext = Buffer.from(`${deliveryKey} ${'x'.repeat(deliveryKey.length)}`);
        return inbox.insert({ ...delivery, body: { ...delivery.body, ciphertext } });
      }),
    );
    const rows = await fixture.look<{ delivery_key: string; ciphertext: Buffer }>(
      `SELECT i.delivery_key, b.ciphertext FROM inbox i JOIN inbox_bodies b ON b.delivery_id = i.id
       WHERE i.tenant = $1 ORDER BY i.position`,
      [tenant],
    );
    // Two groups may be under way at once; inside each the order holds.
    expect(rows.slice(0, 200).map((row) => row.delivery_key)).toEqual(keys.slice(0, 200));
    expect(rows.slice(200).map((row) => row.delivery_key)).toEqual(keys.slice(200));
    for (const row of rows) expect(row.ciphertext.toString().startsWith(`${row.delivery_key} `)).toBe(true);
  });

  it('puts deliveries of several tenants into one transaction, each under its own tenant', async () => {
    const tenants = [aTenant(), aTenant(), aTenant()];
    const deliveries = Array.from({ length: 12 }, (_, index) => aDelivery(tenants[index % 3] ?? ''));
    const outcomes = await Promise.all(deliveries.map((delivery) => inbox.insert(delivery)));
    expect(outcomes).toEqual(deliveries.map(({ id }) => ({ kind: 'inserted', id })));
    const rows = await fixture.look<{ tenant: string; xid: string }>(
      'SELECT tenant, xmin::text AS xid FROM inbox WHERE tenant = ANY($1) ORDER BY position',
      [tenants],
    );
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map(({ xid }) => xid)).size).toBe(1);
    for (const tenant of tenants) expect(rows.filter((row) => row.tenant === tenant)).toHaveLength(4);
  });

  it('stores what the delivery is ordered by, and nothing where nothing orders it', async () => {
    const tenant = aTenant();
    const orderKeys = { 'deal.id': { key: 'a'.repeat(32), sequence: 4 } };
    await inbox.insert(aDelivery(tenant, { orderKeys }));
    await inbox.insert(aDelivery(tenant));
    expect(
      await fixture.look('SELECT order_keys FROM inbox WHERE tenant = $1 ORDER BY position', [tenant]),
    ).toEqual([{ order_keys: orderKeys }, { order_keys: null }]);
  });

  it('wakes the dispatcher', async () => {
    let woken = 0;
    const stop = await new PostgresDispatchStore(await fixture.as('dispatcher')).listen(() => (woken += 1));
    await inbox.insert(aDelivery(aTenant()));
    await eventually(() => {
      expect(woken).toBeGreaterThan(0);
    });
    await stop();
  });

  it('makes one row of 50 concurrent inserts of one key, and answers the others with its id', async () => {
    const tenant = aTenant();
    const deliveryKey = 'evt_1';
    const all = Array.from({ length: 50 }, () => aDelivery(tenant, { deliveryKey }));
    const outcomes = await Promise.all(all.map((delivery) => inbox.insert(delivery)));
    const inserted = outcomes.filter((outcome) => outcome.kind === 'inserted');
    expect(inserted).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => outcome.id))).toEqual(new Set([inserted[0]?.id]));
    expect(outcomes.filter((outcome) => outcome.kind === 'duplicate' && outcome.sameBody)).toHaveLength(49);
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(1);
    expect(await fixture.look('SELECT 1 FROM inbox_bodies WHERE tenant = $1', [tenant])).toHaveLength(1);
  });

  it('tells another body under the same key, and changes nothing', async () => {
    const tenant = aTenant();
    const first = aDelivery(tenant, { deliveryKey: 'evt_2' });
    await inbox.insert(first);
    const second = aDelivery(tenant, { deliveryKey: 'evt_2', bodySha256: sha256('other') });
    const outcome: InsertOutcome = { kind: 'duplicate', id: first.id, sameBody: false };
    expect(await inbox.insert(second)).toEqual(outcome);
    expect(await fixture.look('SELECT body_sha256 FROM inbox WHERE tenant = $1', [tenant])).toEqual([
      { body_sha256: first.bodySha256 },
    ]);
  });

  it('keeps the same key apart by source and by tenant', async () => {
    const [one, two] = [aTenant(), aTenant()];
    const deliveryKey = 'evt_3';
    const deliveries = [
      aDelivery(one, { deliveryKey }),
      aDelivery(one, { deliveryKey, source: 'crm-contacts' }),
      aDelivery(two, { deliveryKey }),
    ];
    for (const delivery of deliveries) expect((await inbox.insert(delivery)).kind).toBe('inserted');
  });

  it('puts the body into the partition of its day', async () => {
    const tenant = aTenant();
    await inbox.insert(aDelivery(tenant));
    const [row] = await fixture.look<{ partition: string; day: string }>(
      `SELECT tableoid::regclass::text AS partition, to_char(received_day, 'YYYYMMDD') AS day
       FROM inbox_bodies WHERE tenant = $1`,
      [tenant],
    );
    expect(row?.partition).toBe(`inbox_bodies_${row?.day ?? ''}`);
  });
});

describe('PostgresDeliveryReader', () => {
  it('refuses an unknown delivery and one of another tenant', async () => {
    const tenant = aTenant();
    const delivery = aDelivery(tenant);
    await inbox.insert(delivery);
    const reader = new PostgresDeliveryReader(await fixture.as('worker'));
    expect(await refusalOf(reader.load(tenant, randomUUID()))).toBe('NOT_FOUND');
    expect(await refusalOf(reader.load(aTenant(), delivery.id))).toBe('NOT_FOUND');
  });

  it('gives back what the door stored', async () => {
    const tenant = aTenant();
    const delivery = aDelivery(tenant);
    await inbox.insert(delivery);
    const stored = await new PostgresDeliveryReader(await fixture.as('worker')).load(tenant, delivery.id);
    expect(stored).toMatchObject({
      id: delivery.id,
      tenant,
      source: delivery.source,
      deliveryKey: delivery.deliveryKey,
      contentType: delivery.contentType,
      state: 'received',
      body: delivery.body,
    });
    expect(Date.now() - stored.receivedAt.getTime()).toBeLessThan(60_000);
  });
});
