import { describe, expect, it } from '@jest/globals';
import { hmac } from './providers/catalogue.js';
import { resolveAuth } from './resolve-auth.js';
import { sign } from './sign.js';
import { verify } from './verify.js';
import type { WebhookRequest, WebhookSecret } from './request.js';
import type { AuthScheme, NamedScheme } from './scheme.js';

const NOW = new Date('2026-11-20T10:00:00Z');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SECRETS: WebhookSecret[] = [{ id: 'a', value: SECRET }];
const STANDARD = resolveAuth({ provider: 'standard-webhooks' }).schemes;
const BODY = Buffer.from('{"a":1}');

function scheme(): AuthScheme {
  const first = STANDARD[0];
  if (first === undefined) throw new Error('no scheme');
  return first.scheme;
}
function signed(timestamp = NOW, id = 'msg_1'): Record<string, string> {
  return sign(scheme(), SECRET, { body: BODY, id, timestamp });
}
function request(
  headers: Record<string, string> | string[],
  body: Buffer = BODY,
  url = '/in/t',
): WebhookRequest {
  const rawHeaders = Array.isArray(headers) ? headers : Object.entries(headers).flat();
  return { rawHeaders, rawBody: body, url, method: 'POST' };
}
function seconds(offset: number): Date {
  return new Date(NOW.getTime() + offset * 1000);
}
function withSignature(change: (signature: string) => string): Record<string, string> {
  const headers = signed();
  return { ...headers, 'webhook-signature': change(headers['webhook-signature'] ?? '') };
}

describe('verify refuses', () => {
  const cases: [string, WebhookRequest, string][] = [
    ['no headers at all', request({}), 'signature_missing'],
    ['another body', request(signed(), Buffer.from('{"a":2}')), 'signature_mismatch'],
    ['a stale time', request(signed(seconds(-301))), 'timestamp_stale'],
    ['a future time', request(signed(seconds(301))), 'timestamp_future'],
    ['a missing id', request({ ...signed(), 'webhook-id': '' }), 'id_malformed'],
    ['an id with the delimiter', request({ ...signed(), 'webhook-id': 'msg.1' }), 'id_malformed'],
    ['an id with a space', request({ ...signed(), 'webhook-id': 'msg 1' }), 'id_malformed'],
    [
      'a time with letters behind',
      request({ ...signed(), 'webhook-timestamp': '1795168800abc' }),
      'timestamp_malformed',
    ],
    ['a time in exponent form', request({ ...signed(), 'webhook-timestamp': '1e9' }), 'timestamp_malformed'],
    ['a negative time', request({ ...signed(), 'webhook-timestamp': '-1' }), 'timestamp_malformed'],
    ['base64 with stray bits', request(withSignature((s) => s.replace(/.=$/, 'B='))), 'signature_malformed'],
    ['base64 with whitespace', request(withSignature((s) => `${s}\t`)), 'signature_malformed'],
    ['base64 without padding', request(withSignature((s) => s.slice(0, -1))), 'signature_malformed'],
    ['a short signature', request(withSignature(() => 'v1,YWJjZA==')), 'signature_malformed'],
    [
      'another version tag only',
      request(withSignature((s) => s.replace('v1,', 'v2,'))),
      'signature_malformed',
    ],
    ['nine signatures', request(withSignature((s) => Array(9).fill(s).join(' '))), 'too_many_signatures'],
    [
      'a repeated signature header',
      request([...Object.entries(signed()).flat(), 'Webhook-Signature', 'v1,x']),
      'header_repeated',
    ],
    [
      'a repeated time header',
      request([...Object.entries(signed()).flat(), 'webhook-timestamp', '1']),
      'header_repeated',
    ],
    [
      'a repeated id header',
      request([...Object.entries(signed()).flat(), 'WEBHOOK-ID', 'x']),
      'header_repeated',
    ],
  ];
  it.each(cases)('%s', (_name, received, reason) => {
    expect(verify(STANDARD, received, SECRETS, NOW)).toEqual({ ok: false, reason });
  });

  const secretCases: [string, WebhookSecret[], string][] = [
    ['no secret', [], 'no_secret'],
    ['an empty secret', [{ id: 'a', value: '' }], 'secret_unusable'],
    ['a blank secret', [{ id: 'a', value: 'whsec_   ' }], 'secret_unusable'],
    ['a short secret', [{ id: 'a', value: 'whsec_YWJjZA==' }], 'secret_unusable'],
    ['a secret that is not base64', [{ id: 'a', value: 'whsec_???' }], 'secret_unusable'],
    [
      'five secrets',
      Array.from({ length: 5 }, (_, index) => ({ id: String(index), value: SECRET })),
      'too_many_secrets',
    ],
  ];
  it.each(secretCases)('%s', (_name, secrets, reason) => {
    expect(verify(STANDARD, request(signed()), secrets, NOW)).toEqual({ ok: false, reason });
  });

  it('everything when a source has no scheme', () => {
    expect(verify([], request(signed()), SECRETS, NOW)).toEqual({ ok: false, reason: 'no_scheme' });
  });

  it('hex in upper case, with a prefix missing, or cut at a bad character', () => {
    const named: NamedScheme[] = [{ name: 'hmac', scheme: hmac({ prefix: 'sha256=' }) }];
    const secret = { id: 'a', value: 'a shared secret of some length' };
    const text =
      sign(named[0]?.scheme ?? hmac(), secret.value, { body: BODY, timestamp: NOW })['x-signature'] ?? '';
    const digest = text.slice('sha256='.length);
    const outcome = (value: string) => verify(named, request({ 'x-signature': value }), [secret], NOW);
    expect(outcome(text).ok).toBe(true);
    for (const bad of [
      digest,
      `sha256=${digest.toUpperCase()}`,
      `SHA256=${digest}`,
      `${text}zz`,
      `sha256=${digest.slice(0, -1)}g`,
    ])
      expect(outcome(bad)).toEqual({ ok: false, reason: 'signature_malformed' });
  });
});

describe('verify accepts', () => {
  it('times at both edges of the window', () => {
    for (const offset of [-300, 300]) {
      expect(verify(STANDARD, request(signed(seconds(offset))), SECRETS, NOW).ok).toBe(true);
    }
  });

  it('any of eight signatures and tells which of four secrets matched', () => {
    const other = Buffer.alloc(24, 7).toString('base64');
    const secrets = [1, 2, 3].map((n) => ({ id: String(n), value: Buffer.alloc(24, n).toString('base64') }));
    const headers = withSignature((s) => [...Array<string>(7).fill(`v1,${other}AAAAAAAAAAA=`), s].join(' '));
    const result = verify(STANDARD, request(headers), [...secrets, ...SECRETS], NOW);
    expect(result).toMatchObject({ ok: true, secretId: 'a' });
  });

  it('a usable secret beside an unusable one', () => {
    expect(verify(STANDARD, request(signed()), [{ id: 'bad', value: '' }, ...SECRETS], NOW)).toMatchObject({
      ok: true,
      secretId: 'a',
    });
  });
});

describe('a time and an id inside the signed body', () => {
  const { schemes } = resolveAuth({
    ...hmac(),
    timestamp: {
      source: { bodyPointer: '/at' },
      unit: 'ms',
      pastSeconds: 60,
      futureSeconds: 60,
      signed: true,
    },
    id: { source: { bodyPointer: '/meta/id' }, signed: true },
  });
  const secret = { id: 'a', value: 'a shared secret of some length' };
  function outcome(document: unknown, readBody?: () => unknown) {
    const body = Buffer.from(JSON.stringify(document));
    const headers = sign(schemes[0]?.scheme ?? hmac(), secret.value, { body, timestamp: NOW });
    const read = readBody ?? (() => JSON.parse(body.toString()) as unknown);
    return verify(schemes, { ...request(headers, body), readBody: read }, [secret], NOW);
  }

  it('are read after verification', () => {
    expect(outcome({ at: NOW.getTime(), meta: { id: 'e1' } })).toMatchObject({
      ok: true,
      id: { value: 'e1', signed: true },
      timestamp: NOW,
    });
  });
  it('refuse when stale, missing or unreadable', () => {
    expect(outcome({ at: NOW.getTime() - 61_000 })).toEqual({ ok: false, reason: 'timestamp_stale' });
    expect(outcome({})).toEqual({ ok: false, reason: 'timestamp_missing' });
    const fail = () => {
      throw new Error('malformed');
    };
    expect(outcome({ at: 1 }, fail)).toEqual({ ok: false, reason: 'timestamp_missing' });
  });
  it('are not read when the signature is wrong', () => {
    let reads = 0;
    const count = () => (reads += 1);
    verify(schemes, { ...request({ 'x-signature': '0'.repeat(64) }), readBody: count }, [secret], NOW);
    expect(reads).toBe(0);
  });
});

describe('a shared secret', () => {
  const bearer = resolveAuth({ provider: 'bearer' }).schemes;
  const token = 'a-long-enough-shared-token';
  const secrets = [
    { id: 'old', value: 'another-long-enough-token' },
    { id: 'new', value: token },
  ];

  it('is accepted, with the id of the one that matched', () => {
    const outcome = verify(bearer, request({ Authorization: `Bearer ${token}` }), secrets, NOW);
    expect(outcome).toEqual({ ok: true, secretId: 'new', scheme: 'bearer' });
  });
  it.each([
    ['missing', [], 'token_missing'],
    ['of another scheme', ['authorization', `Basic ${token}`], 'token_missing'],
    ['in lower case', ['authorization', `bearer ${token}`], 'token_missing'],
    ['empty', ['authorization', 'Bearer '], 'token_mismatch'],
    ['longer', ['authorization', `Bearer ${token}x`], 'token_mismatch'],
    ['a prefix', ['authorization', `Bearer ${token.slice(0, -1)}`], 'token_mismatch'],
    [
      'sent twice',
      ['authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`],
      'header_repeated',
    ],
  ])('is refused when %s', (_name, headers, reason) => {
    expect(verify(bearer, request(headers), secrets, NOW)).toEqual({ ok: false, reason });
  });
  it('in the query is accepted once and refused twice', () => {
    const { schemes } = resolveAuth({
      kind: 'static',
      secret: { encoding: 'utf8' },
      token: { source: { query: 'code' } },
    });
    const at = (url: string) => verify(schemes, request([], BODY, url), secrets, NOW);
    expect(at(`/in/t?code=${token}`).ok).toBe(true);
    expect(at(`/in/t?code=${token}&code=${token}`)).toEqual({ ok: false, reason: 'header_repeated' });
  });
});
