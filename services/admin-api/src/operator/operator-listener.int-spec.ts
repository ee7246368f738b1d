import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { createLogger } from '@ecluse/observability';
import type { StoredApiKey } from '@ecluse/storage';
import { MemoryAuditLog } from '../testing/memory-audit-log.js';
import { plainRequest, type PlainAnswer, type PlainRequest } from '../testing/plain-request.js';
import type { PayloadDecoder } from './codec.js';
import { OperatorAccess } from './operator-access.js';
import { startOperatorListener, type OperatorListener } from './operator-listener.js';
import { SessionRegistry, type Operator } from './session-registry.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const encrypted = { payloads: [{ metadata: { encoding: base64('binary/encrypted') }, data: base64('x') }] };
const operator: Operator = {
  tenant: 'acme',
  keyId: 'abcdefghij23',
  name: 'ops',
  keyExpiresAt: new Date(Date.now() + 1e9),
};

const keyOf = (revokedAt: Date | null): StoredApiKey => {
  const { keyExpiresAt: expiresAt, ...who } = operator;
  return { ...who, role: 'operator', secretSha256: '', expiresAt, revokedAt };
};

/** Real: both listeners and the proxy. Stand-ins: the Temporal UI server, the codec, the stores. */
describe('operator listener', () => {
  const audit = new MemoryAuditLog();
  const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  const logged: string[] = [];
  let ui: Server;
  let listener: OperatorListener;
  let sessions: SessionRegistry;
  let port: number;
  let decode: PayloadDecoder['decode'];
  let storedKey: StoredApiKey | undefined;
  let skewMs: number;

  beforeAll(async () => {
    ui = createServer((request, response) => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
      response.setHeader('set-cookie', ['_csrf=fresh; Path=/', 'ecluse_session=planted; Path=/']);
      response.setHeader('access-control-allow-origin', '*');
      if (request.url === '/api/v1/settings')
        response.end(JSON.stringify({ Version: '2', DisableWriteActions: false }));
      else response.end(`ui ${request.url ?? ''}`);
    });
    await new Promise<void>((resolve) => ui.listen(0, '127.0.0.1', resolve));
    const now = (): number => Date.now() + skewMs;
    skewMs = 0;
    sessions = new SessionRegistry(now);
    const keys = { find: () => Promise.resolve(storedKey) };
    listener = await startOperatorListener({
      hostName: 'ecluse.localhost',
      port: 0,
      temporalUi: `http://127.0.0.1:${(ui.address() as AddressInfo).port}`,
      namespace: 'ecluse',
      decoder: { decode: (payloads) => decode(payloads) },
      access: new OperatorAccess(sessions, keys, audit, now),
      log: createLogger('test', 'debug', { write: (line) => void logged.push(line) }),
    });
    port = Number(new URL(listener.origin).port);
  });
  afterAll(async () => {
    await listener.close();
    ui.close();
  });
  beforeEach(() => {
    skewMs = 0;
    seen.length = 0;
    audit.entries.length = 0;
    audit.failure = undefined;
    decode = (payloads) =>
      Promise.resolve(payloads.map(() => ({ metadata: {}, data: Buffer.from('"canary"') })));
    storedKey = keyOf(null);
  });

  const own = (): string => `ecluse.localhost:${port}`;
  const send = (path: string, options: PlainRequest = {}): Promise<PlainAnswer> =>
    plainRequest(port, path, { ...options, headers: { host: own(), ...options.headers } });
  const json = (body: unknown, headers: Record<string, string> = {}): PlainRequest => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', origin: listener.origin, ...headers },
  });
  async function logIn(to = ''): Promise<{ answer: PlainAnswer; cookie: string }> {
    const answer = await send(`/login/${sessions.createLink(operator).token}${to}`);
    return { answer, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
  }

  it.each<[number, string, string, PlainRequest]>([
    [421, 'a foreign Host', '/', { headers: { host: 'evil.example' } }],
    [421, 'a loopback address as Host', '/', { headers: { host: '127.0.0.1' } }],
    [401, 'a page without session', '/namespaces', {}],
    [401, 'the settings without session', '/api/v1/settings', {}],
    [401, 'an invented session', '/', { headers: { cookie: `ecluse_session=${'a'.repeat(43)}` } }],
    [401, 'an invented login link', `/login/${'a'.repeat(43)}`, {}],
    [401, 'decode without session', '/codec/decode', { method: 'POST', body: '{}' }],
    [
      401,
      'decode with an API key only',
      '/codec/decode',
      { method: 'POST', headers: { authorization: 'Bearer x' }, body: '{}' },
    ],
    [400, 'a path that climbs', '/codec/../api', {}],
  ])('answers %i to %s, and the UI server sees nothing', async (status, _name, path, options) => {
    const answer = await send(path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.body).not.toContain('canary');
    expect(seen).toEqual([]);
  });

  it.each<[number, string, string, PlainRequest]>([
    [
      403,
      'decode from another origin',
      '/codec/decode',
      { method: 'POST', headers: { origin: 'http://evil.localhost' } },
    ],
    [403, 'decode without an origin', '/codec/decode', { method: 'POST' }],
    [403, 'a preflight', '/codec/decode', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } }],
  ])('answers %i to %s even with the cookie', async (status, _name, path, options) => {
    const { cookie } = await logIn();
    const answer = await send(path, { ...options, headers: { ...options.headers, cookie } });
    expect(answer.status).toBe(status);
    expect(seen).toEqual([]);
  });

  it.each([
    ['POST', '/codec/encode'],
    ['POST', '/api/v1/namespaces/ecluse/workflows/w/terminate'],
    ['POST', '/api/v1/namespaces/ecluse/workflows/w/cancel'],
    ['POST', '/api/v1/namespaces/ecluse/workflows/w/signal/s'],
    ['DELETE', '/api/v1/namespaces/ecluse/schedules/s'],
    ['PUT', '/codec/decode'],
    ['PATCH', '/api/v1/namespaces/ecluse/schedules/s'],
  ])('refuses %s %s with 405: the UI is read-only', async (method, path) => {
    const { cookie } = await logIn();
    const answer = await send(path, { method, headers: { cookie, origin: listener.origin } });
    expect(answer.status).toBe(405);
    expect(seen).toEqual([]);
  });

  it('shows people a page where programs get a problem', async () => {
    const answer = await send('/namespaces/ecluse?x=<script>', { headers: { 'sec-fetch-mode': 'navigate' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('ecluse ui');
    expect(answer.body).not.toContain('<script>');
  });

  it('logs in once per link, with a strict cookie, and records it', async () => {
    const path = `/login/${sessions.createLink(operator).token}`;
    const answer = await send(path);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^ecluse_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/),
    ]);
    expect(audit.entries).toEqual([
      expect.objectContaining({
        tenant: 'acme',
        actor: 'ops',
        action: 'ui-session.opened',
        resource: 'api-key/abcdefghij23',
      }),
    ]);
    expect((await send(path)).status).toBe(401);
    expect(logged.join('')).not.toContain(path.slice(-43));
  });

  it('opens no session that it cannot record', async () => {
    audit.failure = new EcluseError('STORE_UNAVAILABLE');
    const { answer, cookie } = await logIn();
    expect(answer.status).toBe(503);
    expect(cookie).toBe('');
  });

  it.each([
    ['?to=/namespaces/ecluse/workflows/w%253A1', '/namespaces/ecluse/workflows/w%3A1'],
    ['?to=//evil.example', '/'],
    ['?to=https://evil.example', '/'],
    ['?to=/login/x', '/'],
    ['?to=/namespaces/%0d%0aset-cookie:x', '/'],
    ['?to=/namespaces/a&to=/namespaces/b', '/'],
  ])('leads on from %s to %s', async (to, location) => {
    expect((await logIn(to)).answer.headers.location).toBe(location);
  });

  it('proxies pages with the cookie of the UI only, and without credentials', async () => {
    const { cookie } = await logIn();
    const headers = {
      cookie: `${cookie}; _csrf=mine; other=1`,
      authorization: 'Bearer x',
      'x-forwarded-for': '1.2.3.4',
    };
    const answer = await send('/namespaces/ecluse/workflows?query=x', { headers });
    expect([answer.status, answer.body]).toEqual([200, 'ui /namespaces/ecluse/workflows?query=x']);
    expect(seen[0]?.headers).toMatchObject({ cookie: '_csrf=mine' });
    expect(Object.keys(seen[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(seen[0]?.headers['x-forwarded-for']).toBeUndefined();
    expect(answer.headers['set-cookie']).toEqual(['_csrf=fresh; Path=/']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['x-frame-options']).toBe('DENY');
  });

  it('tells the UI that it is read-only', async () => {
    const { cookie } = await logIn();
    const answer = await send('/api/v1/settings', { headers: { cookie } });
    expect(answer.json()).toEqual({ Version: '2', DisableWriteActions: true });
  });

  it('lets queries of workflows pass, with their body', async () => {
    const { cookie } = await logIn();
    const path = '/api/v1/namespaces/ecluse/workflows/w/query/__stack_trace';
    const answer = await send(path, json({ a: 1 }, { cookie }));
    expect(answer.status).toBe(200);
    expect(seen[0]).toMatchObject({ method: 'POST', url: path, headers: { 'content-length': '7' } });
  });

  it('decodes for a session, and records it once for a page', async () => {
    const { cookie } = await logIn();
    const referer = `${listener.origin}/namespaces/ecluse/workflows/wh%3Aacme%3Acrm/run/history`;
    for (let i = 0; i < 3; i += 1) {
      const answer = await send(
        '/codec/decode?preserveStorageRefs=true',
        json(encrypted, { cookie, referer, 'x-namespace': 'ecluse' }),
      );
      expect(answer.json()).toEqual({ payloads: [{ metadata: {}, data: base64('"canary"') }] });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    const decoded = audit.entries.filter((entry) => entry.action === 'payloads.decoded');
    expect(decoded).toEqual([expect.objectContaining({ actor: 'ops', resource: 'workflow/wh:acme:crm' })]);
  });

  it.each<[number, string, () => void, Record<string, string>]>([
    [
      503,
      'Vault is away',
      () => {
        decode = () => Promise.reject(new EcluseError('VAULT_UNAVAILABLE'));
      },
      {},
    ],
    [
      400,
      'the codec leaves ciphertext',
      () => {
        decode = (payloads) => Promise.resolve(payloads);
      },
      {},
    ],
    [
      503,
      'the audit row cannot be written',
      () => {
        audit.failure = new EcluseError('STORE_UNAVAILABLE');
      },
      {},
    ],
    [400, 'another namespace is asked for', () => undefined, { 'x-namespace': 'other' }],
  ])('answers %i and no payload when %s', async (status, _name, arrange, headers) => {
    const { cookie } = await logIn();
    arrange();
    const answer = await send('/codec/decode', json(encrypted, { cookie, ...headers }));
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain(base64('"canary"'));
  });

  it('answers 503 within 2 s when decoding hangs', async () => {
    const { cookie } = await logIn();
    decode = () => new Promise(() => undefined);
    const begun = Date.now();
    expect((await send('/codec/decode', json(encrypted, { cookie }))).status).toBe(503);
    expect(Date.now() - begun).toBeLessThan(2000);
  });

  it('answers 413 to more than 4 MiB, and takes the 2.7 MB that Temporal sends', async () => {
    const { cookie } = await logIn();
    const of = (bytes: number): PlainRequest =>
      json({ payloads: [{ metadata: {}, data: 'a'.repeat(bytes) }] }, { cookie });
    expect((await send('/codec/decode', of(2_700_000))).status).toBe(200);
    expect((await send('/codec/decode', of(4_300_000))).status).toBe(413);
  });

  it('ends the sessions of a key that was revoked', async () => {
    const { cookie } = await logIn();
    storedKey = keyOf(new Date());
    skewMs = 31_000;
    expect((await send('/', { headers: { cookie } })).status).toBe(401);
    skewMs = 0;
    expect((await send('/', { headers: { cookie } })).status).toBe(401);
  });

  it('listens on both loopback addresses, where there are two', async () => {
    const answer = await plainRequest(port, '/', { address: '::1', headers: { host: own() } }).catch(
      () => undefined,
    );
    if (answer !== undefined) expect(answer.status).toBe(401);
    else expect(logged.join('')).toContain('no IPv6 loopback');
  });

  it('answers 503 when the UI server is away', async () => {
    const { cookie } = await logIn();
    await new Promise((resolve) => {
      ui.close(resolve);
      ui.closeAllConnections();
    });
    const answer = await send('/', { headers: { cookie } });
    expect([answer.status, answer.json()['code']]).toEqual([503, 'ECL-2001']);
  });
});
