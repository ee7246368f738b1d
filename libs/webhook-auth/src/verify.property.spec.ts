import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { resolveAuth } from './resolve-auth.js';
import { sign } from './sign.js';
import { verify } from './verify.js';
import type { WebhookRequest } from './request.js';

const NOW = new Date('2026-11-20T10:00:00Z');
const PROVIDERS = [
  { auth: { provider: 'standard-webhooks' }, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  { auth: { provider: 'github' }, secret: 'an ordinary shared secret' },
  { auth: { provider: 'stripe' }, secret: 'whsec_an_ordinary_shared_secret' },
  {
    auth: { provider: 'hmac', algorithm: 'sha512', encoding: 'base64url' },
    secret: 'an ordinary shared secret',
  },
  { auth: { provider: 'hmac-timestamp', unit: 'rfc3339' }, secret: 'an ordinary shared secret' },
  { auth: { provider: 'bearer' }, secret: 'an-ordinary-shared-secret' },
].map(({ auth, secret }) => ({ name: auth.provider, schemes: resolveAuth(auth).schemes, secret }));

function build(provider: (typeof PROVIDERS)[number], body: Uint8Array): WebhookRequest {
  const named = provider.schemes[0];
  if (named === undefined) throw new Error('no scheme');
  const headers = sign(named.scheme, provider.secret, { body, id: 'msg_1', timestamp: NOW });
  return { rawHeaders: Object.entries(headers).flat(), rawBody: body, url: '/', method: 'POST' };
}

function flipBit(bytes: Uint8Array, position: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = position % (copy.length * 8);
  copy[index >> 3] = (copy[index >> 3] ?? 0) ^ (1 << (index & 7));
  return copy;
}

/** Flips one bit of one header value: what an attacker or a bad link may do to it. */
function flipHeader(rawHeaders: readonly string[], which: number, position: number): string[] {
  const copy = [...rawHeaders];
  const index = 2 * (which % (copy.length / 2)) + 1;
  copy[index] = flipBit(Buffer.from(copy[index] ?? '', 'latin1'), position).toString('latin1');
  return copy;
}

describe.each(PROVIDERS)('$name', (provider) => {
  const secrets = [{ id: 'a', value: provider.secret }];

  it('accepts what was signed, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        expect(verify(provider.schemes, build(provider, body), secrets, NOW).ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses any flipped bit of a header it relies on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), fc.nat(4000), (body, which, position) => {
        const request = build(provider, body);
        const rawHeaders = flipHeader(request.rawHeaders, which, position);
        expect(verify(provider.schemes, { ...request, rawHeaders }, secrets, NOW).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws for headers of any shape', () => {
    const names = build(provider, Buffer.from('{}')).rawHeaders.filter((_, index) => index % 2 === 0);
    const header = fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 80 }));
    fc.assert(
      fc.property(fc.array(header, { maxLength: 5 }), (headers) => {
        const request = {
          rawHeaders: headers.flat(),
          rawBody: Buffer.from('{}'),
          url: '/?a=%',
          method: 'POST',
        };
        expect(verify(provider.schemes, request, secrets, NOW).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each(PROVIDERS.filter(({ name }) => name !== 'bearer'))(
  '$name, which signs the body,',
  (provider) => {
    const secrets = [{ id: 'a', value: provider.secret }];
    it('refuses any flipped bit, cut or added byte of the body', () => {
      const body = fc.uint8Array({ minLength: 1, maxLength: 120 });
      fc.assert(
        fc.property(body, fc.nat(4000), fc.constantFrom('flip', 'cut', 'add'), (bytes, position, kind) => {
          const request = build(provider, bytes);
          const rawBody = {
            flip: flipBit(bytes, position),
            cut: bytes.slice(1),
            add: Buffer.concat([bytes, Buffer.of(0)]),
          }[kind];
          expect(verify(provider.schemes, { ...request, rawBody }, secrets, NOW).ok).toBe(false);
        }),
        { numRuns: 1000 },
      );
    });
  },
);
