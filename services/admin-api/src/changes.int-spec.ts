import { connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testServers, uniqueName } from '@ecluse/testing';
import { createKey, startTestApi, type ApiAnswer, type ApiCall, type TestApi } from './testing/test-api.js';
import { createTenantData, insertDeadLetter, type TenantData } from './testing/tenant-data.js';

/** Real: PostgreSQL, Vault and the whole service, each tenant with one of everything. */
describe('changes through the admin API', () => {
  let api: TestApi;
  let tenant: string;
  let data: TenantData;
  let admin: string;

  beforeAll(async () => {
    api = await startTestApi();
    tenant = uniqueName('t');
    data = await createTenantData(api.adapters, api.owner, tenant);
    admin = await createKey(api.owner, tenant, 'admin');
  });
  afterAll(async () => {
    await api.close();
  });

  const send = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> => {
    const request: ApiCall = { method, path, key: admin, headers };
    return api.call(body === undefined ? request : { ...request, body });
  };
  const get = (path: string): Promise<ApiAnswer> => send('GET', path);
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> =>
    send('POST', path, body, headers);
  const auditOf = async (resource: string): Promise<Record<string, unknown>[]> =>
    (await get(`/v1/audit?resource=${encodeURIComponent(resource)}`)).body['items'] as Record<
      string,
      unknown
    >[];
  async function deadLetter(): Promise<{ deliveryId: string; runId: string; deadLetterId: string }> {
    const ids = { deliveryId: randomUUID(), runId: randomUUID(), deadLetterId: randomUUID() };
    await insertDeadLetter(api.owner, tenant, ids);
    return ids;
  }

  describe('answers every refusal as a problem', () => {
    it.each<[number, string, string, string, ApiCall]>([
      [404, 'ECL-6012', 'an unknown path', 'nothing like it', { path: '/v1/nonsense' }],
      [404, 'ECL-6012', 'an unknown method', 'TRACE-like', { method: 'PATCH', path: '/v1/sources/crm' }],
      [
        415,
        'ECL-1004',
        'a form',
        'form',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: 'version=1',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
      ],
      [
        415,
        'ECL-1004',
        'plain text',
        'text',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: '{}',
          headers: { 'content-type': 'text/plain' },
        },
      ],
      [
        400,
        'ECL-6004',
        'broken JSON',
        'json',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: '{"version":',
          headers: { 'content-type': 'application/json' },
        },
      ],
      [
        400,
        'ECL-6004',
        'a poisoned prototype',
        'proto',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: '{"__proto__":{"version":1}}',
          headers: { 'content-type': 'application/json' },
        },
      ],
      [
        400,
        'ECL-6004',
        'an array as body',
        'array',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: '[{"version":1}]',
          headers: { 'content-type': 'application/json' },
        },
      ],
      [
        400,
        'ECL-6004',
        'null as body',
        'null',
        {
          method: 'POST',
          path: '/v1/flows/orders/releases',
          body: 'null',
          headers: { 'content-type': 'application/json' },
        },
      ],
      [
        400,
        'ECL-6004',
        'no body where one is needed',
        'none',
        { method: 'POST', path: '/v1/flows/orders/releases' },
      ],
      [
        400,
        'ECL-6004',
        'text where a number belongs',
        'text',
        { method: 'POST', path: '/v1/flows/orders/releases', body: { version: '1' } },
      ],
      [
        413,
        'ECL-1003',
        'too much',
        'big',
        { method: 'PUT', path: '/v1/flows/orders', body: { document: 'x'.repeat(1_100_000) } },
      ],
      [
        400,
        'ECL-6004',
        'a document over its own limit',
        'big',
        { method: 'PUT', path: '/v1/flows/orders', body: { document: 'x'.repeat(262_145) } },
      ],
      [400, 'ECL-6004', 'a broken escape', 'escape', { path: '/v1/sources/%zz' }],
    ])('%i %s to %s', async (status, code, _name, _why, request) => {
      const answer = await api.call({ ...request, key: admin });
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.body).toMatchObject({
        type: `urn:ecluse:error:${code}`,
        status,
        requestId: expect.any(String),
      });
    });

    it('limits failed authentication by address, and only that', async () => {
      const from = '10.77.0.1';
      const statuses: number[] = [];
      for (let i = 0; i < 21; i += 1) statuses.push((await api.call({ path: '/v1/me', from })).status);
      expect(statuses.slice(19)).toEqual([401, 429]);
      const limited = await api.call({ path: '/v1/me', from, key: admin });
      expect([limited.status, limited.body['code']]).toEqual([429, 'ECL-6017']);
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
      expect((await api.call({ path: '/v1/me', from: '10.77.0.2', key: admin })).status).toBe(200);
    });

    it('also what is not HTTP', async () => {
      await api.app.listen(0, '127.0.0.1');
      const port = Number(new URL(await api.app.getUrl()).port);
      const raw = (text: string): Promise<string> =>
        new Promise((resolve, reject) => {
          let answer = '';
          const socket = connect(port, '127.0.0.1', () => socket.end(text));
          socket
            .on('data', (chunk) => (answer += chunk.toString()))
            .on('error', reject)
            .on('close', () => {
              resolve(answer);
            });
        });
      expect(await raw('NONSENSE\r\n\r\n')).toMatch(
        /^HTTP\/1\.1 400[^]*application\/problem\+json[^]*ECL-6018/,
      );
      expect(await raw(`GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(17_000)}\r\n\r\n`)).toContain(
        'ECL-6018',
      );
    });

    it('sends security headers and no CORS', async () => {
      const answer = await send('GET', '/v1/me', undefined, { origin: 'http://evil.example' });
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'cache-control': 'no-store',
      });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['x-powered-by']).toBeUndefined();
    });
  });

  it('releases and rolls back, with an audit row that names who, why and the request', async () => {
    const released = await post('/v1/flows/orders/releases', { version: 2, reason: 'new fields' });
    expect([released.status, released.body['previousVersion']]).toEqual([201, 1]);
    const back = await post('/v1/flows/orders/rollback', { reason: 'wrong totals' });
    expect(back.body).toMatchObject({
      version: 1,
      previousVersion: 2,
      kind: 'rollback',
      actor: `${tenant}-admin`,
    });
    expect((await get('/v1/flows/orders')).body).toMatchObject({ releasedVersion: 1, latestVersion: 2 });
    const [last] = await auditOf('flow/orders');
    expect(last).toMatchObject({ actor: `${tenant}-admin`, requestId: back.headers['x-request-id'] });
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
        post(`/v1/deliveries/${data.deliveryId}/replays`, { reason: 'once' }, headers);
      const first = await replay();
      expect(first.status).toBe(201);
      const again = await replay();
      expect([again.status, again.body]).toEqual([201, first.body]);
      expect(again.headers['idempotent-replay']).toBe('true');
      const delivery = await get(`/v1/deliveries/${data.deliveryId}`);
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
      expect(new Set(all.map((answer) => answer.status))).toEqual(new Set([201, 409]));
      expect((await get(`/v1/deliveries/${deliveryId}`)).body['runs']).toHaveLength(2);
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
      const other = await createKey(api.owner, tenant, 'operator');
      await post('/v1/flows/orders/rollback', { reason: 'a' }, headers);
      const answer = await api.call({
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
          settledBy: `${tenant}-admin`,
          settledReason: 'test order',
        }),
      ]);
      expect((await get(`/v1/deliveries/${deliveryId}`)).body['state']).toBe('discarded');
    });
  });

  it('links a run to its page in the Temporal UI', async () => {
    const { body } = await get(`/v1/runs/${data.runId}`);
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

  describe('secrets', () => {
    const value = `canary-${randomUUID()}`;

    it('go to Vault beside the earlier ones, and never come back', async () => {
      const path = '/v1/sources/crm/secrets';
      const added = await post(path, { secretId: '2026-11', value });
      expect([added.status, added.body['secretIds']]).toEqual([201, ['2026-11']]);
      await post(path, { secretId: '2026-12', value: `${value}-next` });
      await post('/v1/connections/erp/secrets', { secretId: 'password', value });
      expect(await stored(`webhooks/${tenant}/crm`)).toEqual({
        '2026-11': value,
        '2026-12': `${value}-next`,
      });
      expect(await stored(`connections/${tenant}/erp`)).toEqual({ password: value });
    });

    it('are removed one by one', async () => {
      expect((await send('DELETE', '/v1/sources/crm/secrets/2026-11')).status).toBe(204);
      expect((await send('DELETE', '/v1/sources/crm/secrets/2026-11')).status).toBe(404);
      expect(await stored(`webhooks/${tenant}/crm`)).toEqual({ '2026-12': `${value}-next` });
      expect((await get('/v1/sources/crm')).body['secretIds']).toEqual(['2026-12']);
    });

    it('are in no answer, no log line and no row', async () => {
      const paths = [
        'sources',
        'sources/crm',
        'connections',
        'connections/erp',
        'flows',
        'deliveries',
        'runs',
        'dead-letters',
        'audit',
        'me',
      ];
      for (const path of paths) expect((await get(`/v1/${path}`)).text).not.toContain(value);
      expect(api.logged.join('')).not.toContain(value);
      expect(api.logged.join('')).not.toContain(admin);
      for (const table of ['sources', 'connections', 'audit', 'idempotency_keys']) {
        const { rows } = await api.owner.query<object>(`SELECT * FROM ${table}`);
        expect(JSON.stringify(rows)).not.toContain(value);
      }
    });

    it('are not recorded when Vault refuses them', async () => {
      const refused = await post('/v1/sources/none/secrets', { secretId: 's', value });
      expect(refused.status).toBe(404);
      expect(await stored(`webhooks/${tenant}/none`)).toBeUndefined();
    });
  });

  it('makes a login link for each call, and keeps none', async () => {
    const headers = { 'idempotency-key': 'same' };
    const first = await post('/v1/ui-sessions', undefined, headers);
    const second = await post('/v1/ui-sessions', undefined, headers);
    expect(first.body['url']).toMatch(/^http:\/\/ecluse\.localhost:8702\/login\/[\w-]{43}$/);
    expect(second.body['url']).not.toBe(first.body['url']);
    const { rows } = await api.owner.query<object>('SELECT * FROM idempotency_keys');
    expect(JSON.stringify(rows)).not.toContain('/login/');
    expect(api.logged.join('')).not.toContain('/login/');
  });

  it('shows the caller, the health of every part, and the documentation', async () => {
    expect((await get('/v1/me')).body).toMatchObject({ tenant, role: 'admin', name: `${tenant}-admin` });
    expect((await get('/v1/health')).body['parts']).toMatchObject({
      postgres: { status: 'ok' },
      vault: { status: 'ok' },
      temporal: { status: 'ok' },
    });
    expect((await api.call({ path: '/health/ready' })).body).toMatchObject({
      status: 'ok',
      service: 'admin-api',
    });
    expect((await api.call({ path: '/v1/openapi.json' })).body['openapi']).toBe('3.1.0');
    const page = await api.call({ path: '/docs' });
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/(src|href)=['"]https?:/);
    expect((await api.call({ path: '/docs/swagger-ui-bundle.js' })).status).toBe(200);
  });

  async function stored(path: string): Promise<unknown> {
    const { vault } = testServers();
    const answer = await fetch(`${vault.address}/v1/kv/data/${path}`, {
      headers: { 'x-vault-token': vault.rootToken },
    });
    const body = (await answer.json()) as { data?: { data?: unknown } };
    return body.data?.data;
  }
});
