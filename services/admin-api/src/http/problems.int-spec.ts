import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTenantClient, type TenantClient } from '../testing/tenant-client.js';
import type { ApiCall } from '../testing/test-api.js';

/** Real: PostgreSQL, Vault and the whole service. */
describe('every refusal is a problem document', () => {
  let client: TenantClient;
  beforeAll(async () => {
    client = await startTenantClient();
  });
  afterAll(async () => {
    await client.api.close();
  });

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
    const answer = await client.api.call({ ...request, key: client.admin });
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
    for (let i = 0; i < 21; i += 1) statuses.push((await client.api.call({ path: '/v1/me', from })).status);
    expect(statuses.slice(19)).toEqual([401, 429]);
    const limited = await client.api.call({ path: '/v1/me', from, key: client.admin });
    expect([limited.status, limited.body['code']]).toEqual([429, 'ECL-6017']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await client.api.call({ path: '/v1/me', from: '10.77.0.2', key: client.admin })).status).toBe(
      200,
    );
  });

  it('also what is not HTTP', async () => {
    await client.api.app.listen(0, '127.0.0.1');
    const port = Number(new URL(await client.api.app.getUrl()).port);
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
    const answer = await client.api.call({
      path: '/v1/me',
      key: client.admin,
      headers: { origin: 'http://evil.example' },
    });
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'no-store',
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });
});
