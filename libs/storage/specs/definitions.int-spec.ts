import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditView } from '@ecluse/contracts';
import {
  PostgresAuditLog,
  PostgresConnectionStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresSourceReader,
  PostgresSourceStore,
} from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import {
  CHANGE,
  StorageFixture,
  aDefinition,
  aDelivery,
  aTenant,
  refusalOf,
  sha256,
} from './storage-fixture.js';

let fixture: StorageFixture;
let sources: PostgresSourceStore;
let flows: PostgresFlowStore;
let audit: PostgresAuditLog;
let tenant: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  const admin = await fixture.as('admin-api');
  sources = new PostgresSourceStore(admin);
  flows = new PostgresFlowStore(admin);
  audit = new PostgresAuditLog(admin);
});
beforeEach(() => {
  tenant = aTenant();
});
afterAll(() => fixture.close());

const CREATE = { expectedVersion: null };
async function audited(): Promise<AuditView[]> {
  return (await audit.list(tenant, {}, { limit: 50 })).items;
}
async function publish(
  expression: string,
  expectedVersion: number | null,
): ReturnType<PostgresFlowStore['publish']> {
  const definition = aDefinition('crm-deals', expression);
  return flows.publish(
    tenant,
    'orders',
    { definition, sha256: sha256(expression) },
    { expectedVersion },
    CHANGE,
  );
}

describe('sources', () => {
  it('refuses to overwrite blindly, on a stale version, or what does not exist', async () => {
    expect(await refusalOf(sources.put(tenant, 'crm', {}, { expectedVersion: 1 }, CHANGE))).toBe(
      'PRECONDITION_FAILED',
    );
    await sources.put(tenant, 'crm', { a: 1 }, CREATE, CHANGE);
    expect(await refusalOf(sources.put(tenant, 'crm', { a: 2 }, CREATE, CHANGE))).toBe(
      'PRECONDITION_MISSING',
    );
    expect(await refusalOf(sources.put(tenant, 'crm', { a: 2 }, { expectedVersion: 7 }, CHANGE))).toBe(
      'PRECONDITION_FAILED',
    );
    expect(await audited()).toHaveLength(1);
  });

  it('creates, changes, and leaves equal content alone', async () => {
    const created = await sources.put(tenant, 'crm', { a: 1, b: 2 }, CREATE, CHANGE);
    expect(created).toMatchObject({ change: 'created', record: { version: 1, secretIds: [] } });
    expect(created.record.token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const same = await sources.put(tenant, 'crm', { b: 2, a: 1 }, { expectedVersion: 1 }, CHANGE);
    expect(same).toMatchObject({ change: 'unchanged', record: { version: 1 } });
    const changed = await sources.put(tenant, 'crm', { a: 3 }, { expectedVersion: 1 }, CHANGE);
    expect(changed).toMatchObject({ change: 'changed', record: { version: 2, token: created.record.token } });
    expect((await audited()).map((row) => [row.action, row.resource, row.actor, row.requestId])).toEqual([
      ['source.changed', 'source/crm', 'ada', 'req-1'],
      ['source.created', 'source/crm', 'ada', 'req-1'],
    ]);
  });

  it('says what a dry run would do, and does nothing', async () => {
    const dry = { expectedVersion: null, dryRun: true };
    expect((await sources.put(tenant, 'crm', { a: 1 }, dry, CHANGE)).change).toBe('created');
    expect(await sources.find(tenant, 'crm')).toBeUndefined();
    expect(await audited()).toEqual([]);
  });

  it('lets one of many concurrent changes of one version win', async () => {
    await sources.put(tenant, 'crm', { n: 0 }, CREATE, CHANGE);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        refusalOf(sources.put(tenant, 'crm', { n: n + 1 }, { expectedVersion: 1 }, CHANGE)),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'PRECONDITION_FAILED')).toHaveLength(9);
    expect(await audited()).toHaveLength(2);
  });

  it('records a secret only when it was written, and removes one only when it was there', async () => {
    await sources.put(tenant, 'crm', {}, CREATE, CHANGE);
    const broken = {
      kind: 'added',
      secretId: '2026-11',
      write: () => Promise.reject(new Error('Vault is sealed')),
    } as const;
    expect(await refusalOf(sources.changeSecret(tenant, 'crm', broken, CHANGE))).toBe('INTERNAL');
    expect((await sources.find(tenant, 'crm'))?.secretIds).toEqual([]);
    expect(await audited()).toHaveLength(1);
    const write = (): Promise<void> => Promise.resolve();
    const add = { kind: 'added', secretId: '2026-11', write } as const;
    expect((await sources.changeSecret(tenant, 'crm', add, CHANGE)).secretIds).toEqual(['2026-11']);
    expect((await sources.changeSecret(tenant, 'crm', add, CHANGE)).secretIds).toEqual(['2026-11']);
    const remove = { kind: 'removed', secretId: '2026-11', write } as const;
    expect((await sources.changeSecret(tenant, 'crm', remove, CHANGE)).secretIds).toEqual([]);
    expect(await refusalOf(sources.changeSecret(tenant, 'crm', remove, CHANGE))).toBe('NOT_FOUND');
    expect(await refusalOf(sources.changeSecret(tenant, 'none', add, CHANGE))).toBe('NOT_FOUND');
    expect((await audited())[0]).toMatchObject({
      action: 'source.secret-removed',
      detail: { secretId: '2026-11' },
    });
  });

  it('is read by the door through its token, which hears of every change', async () => {
    const reader = new PostgresSourceReader(await fixture.as('door'));
    let changes = 0;
    const stop = await reader.onChange(() => {
      changes += 1;
    });
    const { record } = await sources.put(tenant, 'crm', { a: 1 }, CREATE, CHANGE);
    expect(await reader.findByToken('unknown')).toBeUndefined();
    expect(await reader.findByToken(record.token)).toEqual({
      ...{ tenant, name: 'crm', token: record.token },
      ...{ spec: { a: 1 }, rowVersion: 1, orders: [] },
    });
    await eventually(() => {
      expect(changes).toBe(1);
    });
    await stop();
  });

  it('pages by name', async () => {
    for (const name of ['c', 'a', 'b']) await sources.put(tenant, name, {}, CREATE, CHANGE);
    const first = await sources.list(tenant, { limit: 2 });
    expect(first.items.map((item) => item.name)).toEqual(['a', 'b']);
    const second = await sources.list(tenant, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ name: 'c' }], nextCursor: null });
  });
});

describe('connections', () => {
  it('are created, changed and audited like sources', async () => {
    const connections = new PostgresConnectionStore(await fixture.as('admin-api'));
    await connections.put(tenant, 'erp', { a: 1 }, CREATE, CHANGE);
    expect(await refusalOf(connections.put(tenant, 'erp', { a: 2 }, CREATE, CHANGE))).toBe(
      'PRECONDITION_MISSING',
    );
    const changed = await connections.put(tenant, 'erp', { a: 2 }, { expectedVersion: 1 }, CHANGE);
    expect(changed).toMatchObject({ change: 'changed', record: { version: 2, spec: { a: 2 } } });
    const secret = { kind: 'added', secretId: 'main', write: () => Promise.resolve() } as const;
    await connections.changeSecret(tenant, 'erp', secret, CHANGE);
    expect(await refusalOf(connections.changeSecret(tenant, 'none', secret, CHANGE))).toBe('NOT_FOUND');
    expect((await connections.list(tenant, { limit: 5 })).items).toHaveLength(1);
    expect((await audited()).map((row) => row.action)).toEqual([
      'connection.secret-added',
      'connection.changed',
      'connection.created',
    ]);
  });
});

describe('flow versions', () => {
  it('are the same when their content is', async () => {
    expect(await publish('one', null)).toMatchObject({ change: 'created', version: 1 });
    expect(await refusalOf(publish('two', null))).toBe('PRECONDITION_MISSING');
    expect(await publish('one', 1)).toMatchObject({ change: 'unchanged', version: 1, flow: { version: 1 } });
    expect(await publish('two', 1)).toMatchObject({ change: 'changed', version: 2, flow: { version: 2 } });
    expect(await publish('one', 2)).toMatchObject({ change: 'unchanged', version: 1 });
    const { items } = await flows.versions(tenant, 'orders', { limit: 5 });
    expect(items.map((item) => item.version)).toEqual([2, 1]);
    expect(await flows.version(tenant, 'orders', 1)).toMatchObject({
      definition: aDefinition('crm-deals', 'one'),
    });
    expect(await flows.version(tenant, 'orders', 9)).toBeUndefined();
  });

  it('are numbered without a gap or a double by concurrent publishers', async () => {
    await publish('base', null);
    const outcomes = await Promise.all(['x', 'y', 'z'].map((content) => refusalOf(publish(content, 1))));
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect((await flows.find(tenant, 'orders'))?.latestVersion).toBe(2);
  });
});

describe('release and rollback', () => {
  const release = (version: number): ReturnType<PostgresFlowStore['release']> =>
    flows.release(tenant, 'orders', { version, reason: 'spec' }, CHANGE);
  const rollback = (version?: number): ReturnType<PostgresFlowStore['rollback']> =>
    flows.rollback(
      tenant,
      'orders',
      { reason: 'spec', ...(version === undefined ? {} : { version }) },
      CHANGE,
    );

  beforeEach(async () => {
    await publish('one', null);
    await publish('two', 1);
    await publish('three', 2);
  });

  it('refuses what is unknown, released already, or has nothing to go back to', async () => {
    expect(await refusalOf(flows.release(tenant, 'none', { version: 1, reason: null }, CHANGE))).toBe(
      'NOT_FOUND',
    );
    expect(await refusalOf(release(9))).toBe('NOT_FOUND');
    expect(await refusalOf(rollback())).toBe('STATE_CONFLICT');
    await release(1);
    expect(await refusalOf(release(1))).toBe('STATE_CONFLICT');
    expect(await refusalOf(rollback())).toBe('STATE_CONFLICT');
    expect(await refusalOf(rollback(2))).toBe('STATE_CONFLICT');
  });

  it('goes back one release at a time', async () => {
    for (const version of [1, 2, 3]) await release(version);
    expect(await rollback()).toMatchObject({ version: 2, previousVersion: 3, kind: 'rollback' });
    expect(await rollback()).toMatchObject({ version: 1, previousVersion: 2 });
    expect(await refusalOf(rollback())).toBe('STATE_CONFLICT');
    expect(await rollback(3)).toMatchObject({ version: 3, previousVersion: 1 });
    expect((await flows.find(tenant, 'orders'))?.releasedVersion).toBe(3);
    const { items } = await flows.releases(tenant, 'orders', { limit: 10 });
    expect(items.map((item) => `${item.kind} ${String(item.version)}`)).toEqual([
      ...['rollback 3', 'rollback 1', 'rollback 2', 'release 3', 'release 2', 'release 1'],
    ]);
    expect((await audited()).filter((row) => row.action === 'flow.rolled-back')).toHaveLength(3);
  });

  it('moves pointer, history, audit and waiting deliveries together, or not at all', async () => {
    const delivery = aDelivery(tenant);
    await new PostgresInboxWriter(await fixture.as('door')).insert(delivery);
    await fixture.look(`UPDATE inbox SET state = 'waiting' WHERE id = $1`, [delivery.id]);
    await fixture.look(
      `CREATE FUNCTION ecluse.spec_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fault'; END $$`,
    );
    for (const [table, when] of [
      ['audit', 'INSERT'],
      ['inbox', 'UPDATE'],
    ] as const) {
      await fixture.look(
        `CREATE TRIGGER spec_fault BEFORE ${when} ON ecluse.${table} FOR EACH ROW EXECUTE FUNCTION ecluse.spec_fault()`,
      );
      expect(await refusalOf(release(1))).toBe('INTERNAL');
      await fixture.look(`DROP TRIGGER spec_fault ON ecluse.${table}`);
      expect((await flows.find(tenant, 'orders'))?.releasedVersion).toBeNull();
      expect((await flows.releases(tenant, 'orders', { limit: 5 })).items).toEqual([]);
      expect((await audited()).filter((row) => row.action === 'flow.released')).toEqual([]);
    }
    await release(1);
    expect(await fixture.look('SELECT state FROM inbox WHERE id = $1', [delivery.id])).toEqual([
      { state: 'received' },
    ]);
    expect((await audited())[0]).toMatchObject({
      action: 'flow.released',
      detail: { version: 1, previousVersion: null },
    });
  });
});
