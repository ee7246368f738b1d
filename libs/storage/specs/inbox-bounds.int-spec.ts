import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresInboxWriter, type InboxWriterOptions } from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { StorageFixture, aDelivery, aTenant, refusalOf } from './storage-fixture.js';

let fixture: StorageFixture;
let inbox: PostgresInboxWriter;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  inbox = new PostgresInboxWriter(await fixture.as('door'));
});
afterAll(() => fixture.close());

describe('PostgresInboxWriter, bounds', () => {
  /** A writer of its own whose first statement waits for a table lock that the test holds. */
  async function held(
    options: InboxWriterOptions,
  ): Promise<{ writer: PostgresInboxWriter; free(): Promise<void> }> {
    const owner = (await fixture.as('owner')).createQueryRunner();
    await owner.startTransaction();
    await owner.query('LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE');
    const free = async () => {
      await owner.rollbackTransaction();
      await owner.release();
    };
    return { writer: new PostgresInboxWriter(await fixture.as('door'), options), free };
  }

  it('answers in time though PostgreSQL does not, and never writes what nobody waits for any more', async () => {
    const tenant = aTenant();
    const { writer, free } = await held({ waitMs: 300 });
    const begun = performance.now();
    const underWay = [refusalOf(writer.insert(aDelivery(tenant)))];
    await eventually(() => {
      expect(writer.waiting).toBe(0);
    });
    underWay.push(refusalOf(writer.insert(aDelivery(tenant))));
    await eventually(() => {
      expect(writer.waiting).toBe(0);
    });
    const waiting = Array.from({ length: 20 }, () => refusalOf(writer.insert(aDelivery(tenant))));
    await eventually(() => {
      expect(writer.oldestWaitingMs).toBeGreaterThan(50);
    });
    expect(new Set(await Promise.all([...underWay, ...waiting]))).toEqual(new Set(['INBOX_UNAVAILABLE']));
    expect(performance.now() - begun).toBeLessThan(900);
    await free();
    await eventually(async () => {
      expect(writer.waiting).toBe(0);
      // Those two were in PostgreSQL's hands already: their senders come back and learn their ids.
      expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(2);
    });
    expect((await writer.insert(aDelivery(tenant))).kind).toBe('inserted');
  });

  it('refuses at once what would wait behind too many', async () => {
    const tenant = aTenant();
    const { writer, free } = await held({ maxWaiting: 3 });
    const all = Array.from({ length: 10 }, () => refusalOf(writer.insert(aDelivery(tenant))));
    await free();
    expect((await Promise.all(all)).filter((answer) => answer === 'INBOX_UNAVAILABLE')).toHaveLength(7);
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(3);
  });

  it('stores all others of a group that holds one which cannot be stored', async () => {
    const tenant = aTenant();
    await fixture.look(`ALTER TABLE inbox_bodies ADD CONSTRAINT spec_poison CHECK (wrapped_key <> 'poison')`);
    const deliveries = Array.from({ length: 30 }, (_, index) => {
      const delivery = aDelivery(tenant);
      return index === 11 ? { ...delivery, body: { ...delivery.body, wrappedKey: 'poison' } } : delivery;
    });
    const answers = await Promise.all(deliveries.map((delivery) => refusalOf(inbox.insert(delivery))));
    await fixture.look('ALTER TABLE inbox_bodies DROP CONSTRAINT spec_poison');
    expect(answers).toEqual(deliveries.map((_, index) => (index === 11 ? 'INTERNAL' : 'none')));
    expect(await fixture.look('SELECT 1 FROM inbox WHERE tenant = $1', [tenant])).toHaveLength(29);
    expect(await fixture.look('SELECT 1 FROM inbox_bodies WHERE tenant = $1', [tenant])).toHaveLength(29);
  });
});
