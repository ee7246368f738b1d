import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdempotencyBegin, IdempotencyScope } from '@ecluse/storage';
import { PostgresApiKeyReader, PostgresAuditLog, PostgresIdempotencyStore } from '@ecluse/storage/postgres';
import { CHANGE, StorageFixture, aTenant, refusalOf } from './storage-fixture.js';

let fixture: StorageFixture;
let store: PostgresIdempotencyStore;
let scope: IdempotencyScope;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  store = new PostgresIdempotencyStore(await fixture.as('admin-api'));
});
beforeEach(() => {
  scope = { tenant: aTenant(), actor: 'ada', key: 'k1' };
});
afterAll(() => fixture.close());

async function age(interval: string): Promise<void> {
  await fixture.look(`UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE tenant = $1`, [
    scope.tenant,
    interval,
  ]);
}

describe('PostgresIdempotencyStore', () => {
  const answer = { status: 201, body: { id: 'run-1', nested: [null] } };

  it('refuses a key with another request, also after the answer', async () => {
    await store.begin(scope, 'one');
    expect(await refusalOf(store.begin(scope, 'two'))).toBe('IDEMPOTENCY_KEY_REUSED');
    await store.finish(scope, answer);
    expect(await refusalOf(store.begin(scope, 'two'))).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('starts exactly one of many concurrent requests', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => refusalOf(store.begin(scope, 'one'))),
    );
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'IDEMPOTENCY_IN_PROGRESS')).toHaveLength(19);
  });

  it('gives the first answer again, and keeps it', async () => {
    await store.begin(scope, 'one');
    await store.finish(scope, answer);
    await store.finish(scope, { status: 500, body: null });
    await store.release(scope);
    const again: IdempotencyBegin = { kind: 'finished', response: answer };
    expect(await store.begin(scope, 'one')).toEqual(again);
  });

  it('keeps keys apart by actor and tenant', async () => {
    await store.begin(scope, 'one');
    expect(await store.begin({ ...scope, actor: 'bob' }, 'two')).toEqual({ kind: 'started' });
    expect(await store.begin({ ...scope, tenant: aTenant() }, 'two')).toEqual({ kind: 'started' });
  });

  it('frees a key that was released, and one whose request died a minute ago', async () => {
    await store.begin(scope, 'one');
    await store.release(scope);
    expect(await store.begin(scope, 'other')).toEqual({ kind: 'started' });
    await age('50 seconds');
    expect(await refusalOf(store.begin(scope, 'other'))).toBe('IDEMPOTENCY_IN_PROGRESS');
    await age('61 seconds');
    expect(await store.begin(scope, 'other')).toEqual({ kind: 'started' });
  });

  it('forgets an answer after 24 hours, not before', async () => {
    await store.begin(scope, 'one');
    await store.finish(scope, answer);
    await age('23 hours 59 minutes');
    expect((await store.begin(scope, 'one')).kind).toBe('finished');
    await age('24 hours 1 minute');
    expect(await store.begin(scope, 'two')).toEqual({ kind: 'started' });
    await age('25 hours');
    await store.begin({ ...scope, key: 'k2' }, 'three');
    expect(await fixture.look('SELECT key FROM idempotency_keys WHERE tenant = $1', [scope.tenant])).toEqual([
      { key: 'k2' },
    ]);
  });
});

describe('PostgresAuditLog', () => {
  it('filters, pages newest first, and shows nothing of another tenant', async () => {
    const audit = new PostgresAuditLog(await fixture.as('admin-api'));
    const { tenant } = scope;
    for (const n of [1, 2, 3]) {
      const entry = { action: 'ui-session.opened', resource: `key/${String(n)}`, detail: { n } };
      await audit.record(tenant, entry, CHANGE);
    }
    const first = await audit.list(tenant, { action: 'ui-session.opened' }, { limit: 2 });
    expect(first.items.map((item) => item.resource)).toEqual(['key/3', 'key/2']);
    const second = await audit.list(tenant, {}, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ resource: 'key/1', detail: { n: 1 } }], nextCursor: null });
    expect((await audit.list(tenant, { resource: 'key/2' }, { limit: 5 })).items).toHaveLength(1);
    expect((await audit.list(aTenant(), {}, { limit: 5 })).items).toEqual([]);
  });
});

describe('PostgresApiKeyReader', () => {
  it('finds one key by its id, also when it is revoked', async () => {
    await fixture.look(
      `INSERT INTO ecluse.api_keys (key_id, tenant, name, role, secret_sha256, expires_at, revoked_at)
       VALUES ('abc', 'acme', 'ci', 'viewer', 'hash', '2027-01-01', '2026-11-01')`,
    );
    const reader = new PostgresApiKeyReader(await fixture.as('admin-api'));
    expect(await reader.find('nope')).toBeUndefined();
    expect(await reader.find("abc' OR true --")).toBeUndefined();
    expect(await reader.find('abc')).toEqual({
      ...{ keyId: 'abc', tenant: 'acme', name: 'ci', role: 'viewer', secretSha256: 'hash' },
      ...{ expiresAt: new Date('2027-01-01T00:00:00Z'), revokedAt: new Date('2026-11-01T00:00:00Z') },
    });
  });
});
