import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { createKey, type ApiAnswer } from './testing/test-api.js';
import { startTenantClient, type TenantClient } from './testing/tenant-client.js';
import { insertDeadLetter } from './testing/tenant-data.js';

/** Real: PostgreSQL, Vault and the whole service, each tenant with one of everything. */
describe('changes through the admin API', () => {
  let client: TenantClient;
  beforeAll(async () => {
    client = await startTenantClient();
  });
  afterAll(async () => {
    await client.api.close();
  });

  const get: TenantClient['get'] = (path) => client.get(path);
  const post: TenantClient['post'] = (...request) => client.post(...request);
  const auditOf = async (resource: string): Promise<unknown[]> =>
    (await get(`/v1/audit?resource=${encodeURIComponent(resource)}`)).body['items'] as unknown[];
  async function deadLetter(): Promise<{ deliveryId: string; runId: string; deadLetterId: string }> {
    const ids = { deliveryId: randomUUID(), runId: randomUUID(), deadLetterId: randomUUID() };
    await insertDeadLetter(client.api.owner, client.tenant, ids);
    return ids;
  }

  it('releases and rolls back, with an audit row that names who, why and the request', async () => {
    const released = await post('/v1/flows/orders/releases', { version: 2, reason: 'new fields' });
    expect([released.status, released.body['previousVersion']]).toEqual([201, 1]);
    const back = await post('/v1/flows/orders/rollback', { reason: 'wrong totals' });
    expect(back.body).toMatchObject({
      version: 1,
      previousVersion: 2,
      kind: 'rollback',
      actor: `${client.tenant}-admin`,
    });
    expect((await get('/v1/flows/orders')).body).toMatchObject({ releasedVersion: 1, latestVersion: 2 });
    const [last] = await auditOf('flow/orders');
    expect(last).toMatchObject({ actor: `${client.tenant}-admin`, requestId: back.headers['x-request-id'] });
    expect(JSON.stringify(last)).toContain('wrong totals');
    expect((await get('/v1/flows/orders/releases')).body['items']).toHaveLength(3);
  });

  it('rolls back without a body', async () => {
    await post('/v1/flows/orders/releases', { version: 2 });
    expect((await post('/v1/flows/orders/rollback')).body).toMatchObject({ version: 1, reason: null });
  });

  it('refuses to release what is released, or what does not exist', async () => {
    expect((await post('/v1/flows/orders/releases', { version: 1 })).body['code']).toBe('ECL-6010');
    expect((await post('/v1/flows/orders/releases', { version: 9 })).status).toBe(404);
    expect((await post('/v1/flows/none/releases', { version: 1 })).status).toBe(404);
  });

  describe('Idempotency-Key', () => {
    it('answers a repetition from memory, and acts once', async () => {
      const headers = { 'idempotency-key': randomUUID() };
      const replay = (): Promise<ApiAnswer> =>
        post(`/v1/deliveries/${client.data.deliveryId}/replays`, { reason: 'once' }, headers);
      const first = await replay();
      expect(first.status).toBe(201);
      const again = await replay();
      expect([again.status, again.body]).toEqual([201, first.body]);
      expect(again.headers['idempotent-replay']).toBe('true');
      const delivery = await get(`/v1/deliveries/${client.data.deliveryId}`);
      expect(delivery.body['runs']).toHaveLength(2);
    });

    it('acts once when the same request arrives ten times at once', async () => {
      const { deliveryId } = await deadLetter();
      const headers = { 'idempotency-key': randomUUID() };
      const all = await Promise.all(
        Array.from({ length: 10 }, () =>
          post(`/v1/deliveries/${deliveryId}/replays`, { reason: 'race' }, headers),
        ),
      );
      // Each either meets the first while it works, or gets its answer.
      const answered = all.filter(({ status }) => status === 201);
      expect(all.filter(({ status }) => status === 409).length).toBe(10 - answered.length);
      expect(new Set(answered.map(({ body }) => body['id'])).size).toBe(1);
      expect((await get(`/v1/deliveries/${deliveryId}`)).body['runs']).toHaveLength(2);
    });

    it('refuses a repetition while the first request works: 409', async () => {
      const { deliveryId } = await deadLetter();
      const headers = { 'idempotency-key': randomUUID() };
      const replay = (): Promise<ApiAnswer> =>
        post(`/v1/deliveries/${deliveryId}/replays`, { reason: 'held' }, headers);
      await client.api.owner.query('BEGIN');
      await client.api.owner.query('SELECT FROM inbox WHERE id = $1 FOR UPDATE', [deliveryId]);
      const held = replay();
      const second = await eventually(async () => {
        const { rows } = await client.api.owner.query('SELECT FROM idempotency_keys WHERE key = $1', [
          headers['idempotency-key'],
        ]);
        expect(rows).toHaveLength(1);
        return replay();
      });
      await client.api.owner.query('COMMIT');
      expect([second.status, second.body['code'], second.headers['retry-after']]).toEqual([
        409,
        'ECL-6007',
        '1',
      ]);
      expect((await held).status).toBe(201);
    });

    it('refuses another request under the same key: 422', async () => {
      const headers = { 'idempotency-key': randomUUID() };
      await post('/v1/flows/orders/releases', { version: 2 }, headers);
      const other = await post('/v1/flows/orders/releases', { version: 1 }, headers);
      expect([other.status, other.body['code']]).toEqual([422, 'ECL-6006']);
    });

    it('frees the key of a refused request', async () => {
      const headers = { 'idempotency-key': randomUUID() };
      expect((await post('/v1/flows/orders/releases', { version: 9 }, headers)).status).toBe(404);
      expect((await post('/v1/flows/orders/releases', { version: 1 }, headers)).status).toBe(201);
    });

    it('is apart for each API key', async () => {
      const headers = { 'idempotency-key': randomUUID() };
      const other = await createKey(client.api.owner, client.tenant, 'operator');
      await post('/v1/flows/orders/rollback', { reason: 'a' }, headers);
      const answer = await client.api.call({
        method: 'POST',
        path: '/v1/flows/orders/rollback',
        key: other,
        body: { reason: 'b' },
        headers,
      });
      expect(answer.status).toBe(201);
    });
  });

  describe('dead letters', () => {
    it('are retried once', async () => {
      const { deadLetterId, deliveryId } = await deadLetter();
      const retried = await post(`/v1/dead-letters/${deadLetterId}/retry`, { reason: 'customer exists now' });
      expect(retried.body).toMatchObject({ deliveryId, state: 'queued', replayNo: 1 });
      expect((await post(`/v1/dead-letters/${deadLetterId}/retry`)).body['code']).toBe('ECL-6010');
      expect((await get(`/v1/deliveries/${deliveryId}`)).body['state']).toBe('running');
    });

    it('are discarded in a name and with a reason, when they have not changed', async () => {
      const { deadLetterId, deliveryId } = await deadLetter();
      const path = `/v1/dead-letters/${deadLetterId}`;
      expect((await post(`${path}/discard`)).status).toBe(400);
      expect((await post(`${path}/discard`, { reason: 'x' }, { 'if-match': '"7"' })).status).toBe(412);
      expect((await post(`${path}/discard`, { reason: 'x' }, { 'if-match': 'W/"1"' })).status).toBe(400);
      const { headers } = await get(path);
      const done = await post(
        `${path}/discard`,
        { reason: 'test order' },
        { 'if-match': String(headers['etag']) },
      );
      expect([done.status, done.body]).toEqual([
        200,
        expect.objectContaining({
          state: 'discarded',
          settledBy: `${client.tenant}-admin`,
          settledReason: 'test order',
        }),
      ]);
      expect((await get(`/v1/deliveries/${deliveryId}`)).body['state']).toBe('discarded');
    });
  });

  it('links a run to its page in the Temporal UI', async () => {
    const { body } = await get(`/v1/runs/${client.data.runId}`);
    const workflow = encodeURIComponent(String(body['workflowId']));
    expect(body['links']).toEqual({
      temporalUi: `http://ecluse.localhost:8702/namespaces/ecluse/workflows/${workflow}/temporal-run/history`,
    });
  });

  it('pages lists, following the Link header, without gaps or repetitions', async () => {
    const seen: unknown[] = [];
    let path: string | undefined = '/v1/audit?limit=2';
    while (path !== undefined) {
      const page: ApiAnswer = await get(path);
      seen.push(...(page.body['items'] as { id: string }[]).map(({ id }) => id));
      path = /^<(.*)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1];
    }
    expect(seen.length).toBeGreaterThan(4);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('makes a login link for each call, and keeps none', async () => {
    const headers = { 'idempotency-key': 'same' };
    const first = await post('/v1/ui-sessions', undefined, headers);
    const second = await post('/v1/ui-sessions', undefined, headers);
    expect(first.body['url']).toMatch(/^http:\/\/ecluse\.localhost:8702\/login\/[\w-]{43}$/);
    expect(second.body['url']).not.toBe(first.body['url']);
    const { rows } = await client.api.owner.query<object>('SELECT * FROM idempotency_keys');
    expect(JSON.stringify(rows)).not.toContain('/login/');
    expect(client.api.logged.join('')).not.toContain('/login/');
  });

  it('shows the caller, the health of every part, and the documentation', async () => {
    expect((await get('/v1/me')).body).toMatchObject({
      tenant: client.tenant,
      role: 'admin',
      name: `${client.tenant}-admin`,
    });
    expect((await get('/v1/health')).body['parts']).toMatchObject({
      postgres: { status: 'ok' },
      vault: { status: 'ok' },
      temporal: { status: 'ok' },
    });
    expect((await client.api.call({ path: '/health/ready' })).body).toMatchObject({
      status: 'ok',
      service: 'admin-api',
    });
    expect((await client.api.call({ path: '/v1/openapi.json' })).body['openapi']).toBe('3.1.0');
    const page = await client.api.call({ path: '/docs' });
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/(src|href)=['"]https?:/);
    expect((await client.api.call({ path: '/docs/swagger-ui-bundle.js' })).status).toBe(200);
  });
});
