import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FlowOrder } from '@ecluse/contracts';
import { PostgresFlowStore, PostgresSourceReader, PostgresSourceStore } from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { CHANGE, StorageFixture, aDefinition, aTenant, releaseFlow, sha256 } from './storage-fixture.js';

let fixture: StorageFixture;
let tenant: string;
let reader: PostgresSourceReader;
let token: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  tenant = aTenant();
  const sources = new PostgresSourceStore(await fixture.as('admin-api'));
  const { record } = await sources.put(tenant, 'crm-deals', { auth: [] }, { expectedVersion: null }, CHANGE);
  token = record.token;
  reader = new PostgresSourceReader(await fixture.as('door'));
});
afterAll(() => fixture.close());

async function publish(flow: string, order: FlowOrder, source = 'crm-deals'): Promise<void> {
  const flows = new PostgresFlowStore(await fixture.as('admin-api'));
  const definition = { ...aDefinition(source), order };
  const expectedVersion = (await flows.find(tenant, flow))?.version ?? null;
  const publication = { definition, sha256: sha256(JSON.stringify(definition)) };
  await flows.publish(tenant, flow, publication, { expectedVersion }, CHANGE);
}
async function ordersNow(): Promise<unknown[]> {
  const { orders = [] } = (await reader.findByToken(token)) ?? {};
  return [...orders].sort((one, other) => (one.by < other.by ? -1 : 1));
}

describe('what the door learns about order', () => {
  it('is nothing where no flow of the source is ordered', async () => {
    await releaseFlow(fixture, tenant, 'unordered');
    await publish('elsewhere', { by: 'contact.id' }, 'crm-contacts');
    expect(await ordersNow()).toEqual([]);
  });

  it('comes with the publication, which it is told of, so that no delivery of the release lacks it', async () => {
    let told = 0;
    const stop = await reader.onChange(() => (told += 1));
    await publish('by-deal', { by: 'deal.id', sequence: 'deal.version' });
    await eventually(() => {
      expect(told).toBeGreaterThan(0);
    });
    await stop();
    expect(await ordersNow()).toEqual([{ by: 'deal.id', sequence: 'deal.version' }]);
  });

  it('holds the released version and the newest one', async () => {
    const flows = new PostgresFlowStore(await fixture.as('admin-api'));
    await flows.release(tenant, 'by-deal', { version: 1, reason: null }, CHANGE);
    await publish('by-deal', { by: 'account.id' });
    await publish('by-deal', { by: 'owner.id' });
    expect(await ordersNow()).toEqual([
      { by: 'deal.id', sequence: 'deal.version' },
      { by: 'owner.id', sequence: null },
    ]);
  });
});
