import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { InsertOutcome } from '@ecluse/storage';
import { PostgresDeliveryReader, PostgresInboxWriter, createDataSource } from '@ecluse/storage/postgres';
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

describe('PostgresInboxWriter', () => {
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
