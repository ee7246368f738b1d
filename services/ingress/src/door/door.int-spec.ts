import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GITHUB, STANDARD_WEBHOOKS, sign } from '@ecluse/webhook-auth';
import { eventually } from '@ecluse/testing';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';
import { post, rawRequest, type RawAnswer } from '../testing/raw-http.js';

const SECRET = `whsec_${Buffer.from('canary-secret-value-1234').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another-secret-value-123').toString('base64')}`;
const CANARY = 'canary.person@example.test';
const BODY = JSON.stringify({ type: 'deal.won', email: CANARY });
const JSON_TYPE = ['content-type', 'application/json'] as const;
type Headers = (readonly [string, string])[];

let fixture: IngressFixture;
let origin: string;
let source: TestSource;

beforeAll(async () => {
  fixture = await IngressFixture.create();
  source = await fixture.addSource(
    { auth: { provider: 'standard-webhooks' }, limits: { maxBody: 2_000 } },
    { current: SECRET, previous: OTHER },
  );
  origin = await fixture.start({ ECLUSE_INGRESS_ROLE: 'door' });
}, 60_000);
afterAll(async () => {
  await fixture.close();
});

let counter = 0;
function signed(
  body: string | Buffer = BODY,
  options: { id?: string; at?: Date; secret?: string } = {},
): Headers {
  counter += 1;
  const { id = `msg_${String(counter)}`, at = new Date(), secret = SECRET } = options;
  const headers = sign(STANDARD_WEBHOOKS, secret, { body: Buffer.from(body as string), id, timestamp: at });
  return [JSON_TYPE, ...Object.entries(headers)];
}
async function stored(): Promise<number> {
  const [row] = await fixture.rows<{ count: string }>('SELECT count(*) FROM inbox WHERE source = $1', [
    source.name,
  ]);
  return Number(row?.count);
}
/** What must be the same in all answers of one kind. */
function essence({ status, headers, body }: RawAnswer): unknown {
  const names = Object.keys(headers).filter((name) => !['date', 'connection', 'keep-alive'].includes(name));
  return { status, body, headers: names.map((name) => [name, headers[name]]) };
}
function minutes(count: number): Date {
  return new Date(Date.now() + count * 60_000);
}
const change = (headers: Headers, name: string, to: (value: string) => string): Headers =>
  headers.map(([key, value]) => (key === name ? [key, to(value)] : [key, value]));

describe('what is not authenticated', () => {
  const refusals: [string, () => Headers][] = [
    ['without a signature', () => [JSON_TYPE]],
    ['without an id', () => signed().filter(([name]) => name !== 'webhook-id')],
    ['without a time', () => signed().filter(([name]) => name !== 'webhook-timestamp')],
    ['with another body signed', () => signed('{"type":"other"}')],
    [
      'with a secret of nobody',
      () => signed(BODY, { secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}` }),
    ],
    ['stale', () => signed(BODY, { at: minutes(-6) })],
    ['from the future', () => signed(BODY, { at: minutes(6) })],
    ['with the signature header twice', () => [...signed(), ['Webhook-Signature', 'v1,AAAA']]],
    ['with the id header twice', () => [...signed(), ['webhook-id', 'msg_x']]],
    ['with the time header twice', () => [...signed(), ['webhook-timestamp', '1']]],
    [
      'in base64 with stray bits',
      () => change(signed(), 'webhook-signature', (text) => text.replace(/.=$/, '1=')),
    ],
    [
      'in base64 without padding',
      () => change(signed(), 'webhook-signature', (text) => text.replace('=', '')),
    ],
    [
      'in hex',
      () =>
        change(
          signed(),
          'webhook-signature',
          (text) => `v1,${Buffer.from(text.slice(3), 'base64').toString('hex')}`,
        ),
    ],
    [
      'with nine signatures',
      () => change(signed(), 'webhook-signature', (text) => Array(9).fill(text).join(' ')),
    ],
  ];
  let reference: unknown;
  beforeAll(async () => {
    reference = essence(await post(origin, source.path, [JSON_TYPE], BODY));
  });

  it.each(refusals)(
    '%s is answered 401 with one and the same body, and not stored',
    async (_name, headers) => {
      const before = await stored();
      const answer = await post(origin, source.path, headers(), BODY);
      expect(answer.status).toBe(401);
      expect(essence(answer)).toEqual(reference);
      expect(await stored()).toBe(before);
    },
  );

  it('and malformed is still 401: parsers run after authentication', async () => {
    for (const body of ['{', Buffer.from([0xff, 0xfe]), '['.repeat(1_900)]) {
      const answer = await post(origin, source.path, [JSON_TYPE], body);
      expect(essence(answer)).toEqual(reference);
    }
  });

  it('a source without a secret refuses with the same answer and says so in the log', async () => {
    const bare = await fixture.addSource({ auth: { provider: 'standard-webhooks' } });
    expect(essence(await post(origin, bare.path, signed(), BODY))).toEqual(reference);
    expect(fixture.logs.some((line) => line.includes('no_secret') && line.includes(bare.name))).toBe(true);
  });

  it('a source whose definition does not hold refuses with the same answer', async () => {
    const broken = await fixture.addSource(
      { auth: [{ provider: 'standard-webhooks', skip: true }] },
      { a: SECRET },
    );
    expect(essence(await post(origin, broken.path, signed(), BODY))).toEqual(reference);
  });
});

describe('what is refused before the body is read', () => {
  it('unknown tokens, all with the same answer', async () => {
    const tokens = [
      'x',
      'A'.repeat(22),
      'A'.repeat(128),
      'A'.repeat(129),
      `${source.token}A`,
      '..%2fhealth',
      '%00',
    ];
    const answers = await Promise.all(tokens.map((token) => post(origin, `/in/${token}`, signed(), BODY)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 404));
    expect(new Set(answers.map((answer) => JSON.stringify(essence(answer)))).size).toBe(1);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'])('%s', async (method) => {
    const answer = await fetch(`${origin}${source.path}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    const unknown = await fetch(`${origin}/in/${'A'.repeat(22)}`, { method });
    expect(unknown.status).toBe(404);
  });

  it('a declared length over the limit, while nothing of the body was sent', async () => {
    const head = `POST ${source.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000000\r\n\r\n`;
    const answer = await rawRequest(origin, head);
    expect([answer.status, answer.headers['connection']]).toEqual([413, 'close']);
  });

  it('a chunked body as soon as it is over the limit', async () => {
    const chunk = `${(3_000).toString(16)}\r\n${'x'.repeat(3_000)}\r\n`;
    const head = `POST ${source.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const answer = await rawRequest(origin, head + chunk);
    expect(answer.status).toBe(413);
  });

  it.each<[string, Headers]>([
    ['another content type', [['content-type', 'text/xml']]],
    ['no content type', []],
    ['a malformed content type', [['content-type', ';;']]],
    ['two content types', [JSON_TYPE, JSON_TYPE]],
    ['another charset', [['content-type', 'application/json; charset=utf-16']]],
    ['a compressed body', [JSON_TYPE, ['content-encoding', 'gzip']]],
    ['a body that says it is not compressed', [JSON_TYPE, ['content-encoding', 'identity']]],
  ])('%s', async (_name, headers) => {
    const rest = signed().filter(([name]) => name !== 'content-type');
    expect((await post(origin, source.path, [...headers, ...rest], BODY)).status).toBe(415);
  });

  it('both lengths at once, which proxies read in two ways', async () => {
    const text = `POST ${source.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect((await rawRequest(origin, text)).status).toBe(400);
  });
});

describe('what is authenticated but not acceptable', () => {
  it.each([
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['invalid JSON', '{"a":'],
    ['nothing', ''],
    ['a key twice', '{"a":1,"a":2}'],
    ['too deep', `${'['.repeat(65)}${']'.repeat(65)}`],
  ])('%s is answered 400 and not stored', async (_name, body) => {
    const before = await stored();
    const answer = await post(origin, source.path, signed(body), body);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      expect.objectContaining({ code: 'ECL-1005' }),
    ]);
    expect(await stored()).toBe(before);
  });

  it('a delivery without the key that its source names', async () => {
    const keyed = await fixture.addSource(
      { auth: { provider: 'standard-webhooks' }, dedupe: { key: [{ bodyPointer: '/id' }] } },
      { a: SECRET },
    );
    const answer = await post(origin, keyed.path, signed(), BODY);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      expect.objectContaining({ code: 'ECL-1006' }),
    ]);
  });

  it('another body under a key already used', async () => {
    const id = 'msg_conflict';
    expect((await post(origin, source.path, signed(BODY, { id }), BODY)).status).toBe(202);
    const other = '{"type":"deal.lost"}';
    const answer = await post(origin, source.path, signed(other, { id }), other);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      409,
      expect.objectContaining({ code: 'ECL-1011' }),
    ]);
  });
});

describe('what is accepted', () => {
  it('is answered 202 with the id of a row that is committed and sealed', async () => {
    const answer = await post(origin, source.path, signed(BODY, { id: 'msg_ok', secret: OTHER }), BODY);
    expect(answer).toMatchObject({
      status: 202,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    });
    expect(answer.headers).not.toHaveProperty('server');
    const { deliveryId } = JSON.parse(answer.body) as { deliveryId: string };
    const [row] = await fixture.rows('SELECT * FROM inbox WHERE id = $1', [deliveryId]);
    expect(row).toMatchObject({
      tenant: 'acme',
      source: source.name,
      delivery_key: 'msg_ok',
      secret_id: 'previous',
      state: 'received',
      body_bytes: BODY.length,
    });
    const [body] = await fixture.rows<{ ciphertext: Buffer; key_name: string }>(
      'SELECT ciphertext, key_name FROM inbox_bodies WHERE delivery_id = $1',
      [deliveryId],
    );
    expect(body?.key_name).toBe('tenant-acme');
    expect(body?.ciphertext.includes(CANARY)).toBe(false);
  });

  it('fifty times at once is one row and one answer', async () => {
    const headers = signed(BODY, { id: 'msg_fifty' });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(origin, source.path, headers, BODY)),
    );
    expect(new Set(answers.map(({ status, body }) => `${String(status)} ${body}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    const rows = await fixture.rows("SELECT id FROM inbox WHERE delivery_key = 'msg_fifty'");
    expect(rows).toHaveLength(1);
  });

  it('with a secret put a moment ago', async () => {
    const fresh = await fixture.addSource({ auth: { provider: 'bearer' } });
    const token = 'a-bearer-token-put-later';
    const send = () => post(origin, fresh.path, [JSON_TYPE, ['authorization', `Bearer ${token}`]], BODY);
    expect((await send()).status).toBe(401);
    await fixture.putSecrets(fresh.name, { one: token });
    await fixture.notifySources();
    await eventually(async () => {
      expect((await send()).status).toBe(202);
    });
  });

  it('has its keys read from bodies signed by GitHub, where nothing but the body is an identity', async () => {
    const github = await fixture.addSource(
      { auth: { provider: 'github' } },
      { a: 'an ordinary shared secret' },
    );
    const headers = sign(GITHUB, 'an ordinary shared secret', {
      body: Buffer.from(BODY),
      timestamp: new Date(),
    });
    const send = (guid: string) =>
      post(origin, github.path, [JSON_TYPE, ...Object.entries(headers), ['x-github-delivery', guid]], BODY);
    const [first, replayed] = [await send('guid-1'), await send('guid-2')];
    expect([first.status, replayed.body]).toEqual([202, first.body]);
  });
});

describe('the log', () => {
  it('says why, and holds neither a secret nor any of a body', () => {
    const text = fixture.logs.join('');
    for (const reason of ['signature_mismatch', 'timestamp_stale', 'timestamp_future', 'header_repeated'])
      expect(text).toContain(reason);
    for (const canary of [
      CANARY,
      'canary-secret',
      SECRET,
      OTHER,
      SECRET.slice(6),
      source.token,
      'a-bearer-token',
    ])
      expect(text).not.toContain(canary);
  });
});
