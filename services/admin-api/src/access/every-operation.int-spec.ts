import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '@ecluse/contracts';
import { createOpenApi } from '../http/openapi.js';
import { createKey, startTestApi, type TestApi } from '../testing/test-api.js';
import { createTenantData, type TenantData } from '../testing/tenant-data.js';

interface Operation {
  id: string;
  method: string;
  template: string;
  role: Role;
}

/** Real: PostgreSQL, Vault and the whole service. Every case is made from the OpenAPI document. */
describe('every operation of the OpenAPI document', () => {
  let api: TestApi;
  let operations: Operation[];
  let a: TenantData;
  const keys: Partial<Record<Role | 'stranger' | 'expired' | 'revoked', string>> = {};

  beforeAll(async () => {
    api = await startTestApi();
    operations = operationsOf(api);
    a = await createTenantData(api.adapters, api.owner, 'acme');
    for (const role of ROLES) keys[role] = await createKey(api.owner, 'acme', role);
    keys.stranger = await createKey(api.owner, 'globex', 'admin');
    keys.expired = await createKey(api.owner, 'acme', 'admin', { expiresAt: new Date(Date.now() - 1000) });
    keys.revoked = await createKey(api.owner, 'acme', 'admin', { revokedAt: new Date() });
  });
  afterAll(async () => {
    await api.close();
  });

  const pathOf = ({ id, template }: Operation): string => {
    const entityId = id.startsWith('runs')
      ? a.runId
      : id.startsWith('deliveries')
        ? a.deliveryId
        : a.deadLetterId;
    const name = id.startsWith('sources') ? a.source : id.startsWith('connections') ? a.connection : a.flow;
    return template
      .replace('{id}', entityId)
      .replace('{name}', name)
      .replace('{flow}', a.flow)
      .replace('{laneKey}', a.laneKey)
      .replace('{version}', '1')
      .replace('{secretId}', 's');
  };
  const lists = (operation: Operation): boolean =>
    operation.method === 'GET' && !operation.template.includes('{');

  it('are the operations that the product has', () => {
    expect(operations.map(({ id, role }) => `${id} ${role}`).sort()).toMatchInlineSnapshot(`
     [
       "audit.list viewer",
       "connections.addSecret admin",
       "connections.find viewer",
       "connections.list viewer",
       "connections.pause operator",
       "connections.put admin",
       "connections.resume operator",
       "deadLetters.discard operator",
       "deadLetters.find viewer",
       "deadLetters.list viewer",
       "deadLetters.retry operator",
       "deliveries.find viewer",
       "deliveries.list viewer",
       "deliveries.replay operator",
       "flows.find viewer",
       "flows.list viewer",
       "flows.put admin",
       "flows.version viewer",
       "flows.versions viewer",
       "health.show viewer",
       "lanes.edit operator",
       "lanes.find viewer",
       "lanes.list viewer",
       "lanes.resume operator",
       "lanes.skip operator",
       "me.show viewer",
       "releases.list viewer",
       "releases.release operator",
       "releases.rollback operator",
       "runs.find viewer",
       "runs.list viewer",
       "sources.addSecret admin",
       "sources.find viewer",
       "sources.list viewer",
       "sources.put admin",
       "sources.removeSecret admin",
       "uiSessions.create operator",
     ]
    `);
  });

  it('refuses each without a key, with a broken, an invented, an expired and a revoked one: 401', async () => {
    const wrong = keys.admin?.replace(/.{4}$/, 'AAAA');
    let tried = 0;
    for (const operation of operations) {
      for (const key of [undefined, 'nonsense', wrong, keys.expired, keys.revoked]) {
        // Each from an address of its own: an address has 20 failures a minute.
        const from = `10.0.${Math.floor(tried / 200)}.${(tried++ % 200) + 1}`;
        const request = { method: operation.method, path: pathOf(operation), from };
        const answer = await api.call(key === undefined ? request : { ...request, key });
        expect([operation.id, answer.status, answer.body['code']]).toEqual([operation.id, 401, 'ECL-6001']);
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(answer.headers['x-request-id']).toBe(answer.body['requestId']);
      }
    }
  });

  it('refuses each to the roles below its own: 403', async () => {
    for (const operation of operations) {
      for (const role of ROLES.slice(0, ROLES.indexOf(operation.role))) {
        const answer = await api.call({
          method: operation.method,
          path: pathOf(operation),
          key: keys[role] ?? '',
        });
        expect([operation.id, role, answer.status, answer.body['code']]).toEqual([
          operation.id,
          role,
          403,
          'ECL-6002',
        ]);
      }
    }
  });

  it('shows nothing of one tenant to another: 404, or an empty list', async () => {
    for (const operation of operations.filter((one) => one.method === 'GET')) {
      const answer = await api.call({ path: pathOf(operation), key: keys.stranger ?? '' });
      if (operation.template.includes('{'))
        expect([operation.id, answer.status]).toEqual([operation.id, 404]);
      else if ('items' in answer.body)
        expect([operation.id, answer.body['items']]).toEqual([operation.id, []]);
      for (const mine of [a.deliveryId, a.runId, a.deadLetterId]) expect(answer.text).not.toContain(mine);
    }
  });

  it('lets one tenant change nothing of another', async () => {
    const before = await snapshot(api);
    for (const operation of operations.filter(
      (one) => ['POST', 'DELETE'].includes(one.method) && one.template.includes('{'),
    )) {
      const body = { version: 1, reason: 'x', secretId: 's', value: 'v' };
      const allowed = bodyFor(operation, body);
      const answer = await api.call({
        method: operation.method,
        path: pathOf(operation),
        key: keys.stranger ?? '',
        ...allowed,
      });
      expect([operation.id, answer.status]).toEqual([operation.id, 404]);
    }
    expect(await snapshot(api)).toEqual(before);
  });

  it('refuses each POST without an Idempotency-Key, or with an unusable one: 400', async () => {
    for (const operation of operations.filter((one) => one.method === 'POST')) {
      const request = { method: 'POST', path: pathOf(operation), key: keys.admin ?? '' };
      const missing = await api.call({ ...request, headers: { 'idempotency-key': '' } });
      expect([operation.id, missing.status, missing.body['code']]).toEqual([operation.id, 400, 'ECL-6005']);
      const long = await api.call({ ...request, headers: { 'idempotency-key': 'k'.repeat(256) } });
      expect([operation.id, long.status, long.body['code']]).toEqual([operation.id, 400, 'ECL-6004']);
    }
  });

  it('refuses unknown fields in each body, in each query, and malformed path parameters: 400', async () => {
    for (const operation of operations) {
      const { method } = operation;
      const key = keys.admin ?? '';
      if (method !== 'GET' && method !== 'DELETE' && operation.id !== 'uiSessions.create') {
        const answer = await api.call({
          method,
          path: pathOf(operation),
          key,
          body: { nonsense: 'canary-value' },
        });
        expect([operation.id, answer.status, answer.body['code']]).toEqual([operation.id, 400, 'ECL-6004']);
        expect(answer.text).not.toContain('canary-value');
      }
      if (lists(operation) && 'items' in (await api.call({ path: operation.template, key })).body) {
        for (const query of [
          'nonsense=1',
          'limit=0',
          'limit=201',
          'limit=1&limit=2',
          'cursor=nonsense',
          'limit=1e2',
        ]) {
          const answer = await api.call({ path: `${operation.template}?${query}`, key });
          expect([operation.id, query, answer.status]).toEqual([operation.id, query, 400]);
        }
      }
      if (operation.template.includes('{')) {
        const path = operation.template.replaceAll(/\{\w+\}/g, 'NOT_VALID');
        const answer = await api.call({
          method,
          path,
          key,
          ...bodyFor(operation, { version: 1, reason: 'x', secretId: 's', value: 'v' }),
        });
        expect([operation.id, answer.status]).toEqual([operation.id, 400]);
      }
    }
  });

  it('answers each GET of the own tenant', async () => {
    for (const operation of operations.filter((one) => one.method === 'GET')) {
      const answer = await api.call({ path: pathOf(operation), key: keys.viewer ?? '' });
      expect([operation.id, answer.status]).toEqual([operation.id, 200]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });
});

function operationsOf(api: TestApi): Operation[] {
  const { paths } = createOpenApi(api.app);
  return Object.entries(paths).flatMap(([template, item]) =>
    Object.entries(item as Record<string, { operationId: string; 'x-role': Role }>).map(
      ([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        template,
        role: operation['x-role'],
      }),
    ),
  );
}

/** The fields of `all` that the operation knows. */
function bodyFor({ id }: Operation, all: Record<string, unknown>): { body?: unknown } {
  if (id === 'lanes.edit') return { body: { document: {}, reason: all['reason'] } };
  const known: Record<string, string[]> = {
    'sources.addSecret': ['secretId', 'value'],
    'connections.addSecret': ['secretId', 'value'],
    'releases.release': ['version', 'reason'],
  };
  const names = known[id] ?? ['reason'];
  return id.includes('remove') ? {} : { body: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

async function snapshot(api: TestApi): Promise<unknown> {
  const tables = [
    'sources',
    'connections',
    'flows',
    'releases',
    'inbox',
    'runs',
    'dead_letters',
    'lanes',
    'audit',
  ];
  const rows: unknown[] = [];
  for (const table of tables) {
    const sql = `SELECT count(*), coalesce(max(xmin::text::bigint), 0) AS last FROM ${table}`;
    rows.push((await api.owner.query<object>(sql)).rows);
  }
  return rows;
}
