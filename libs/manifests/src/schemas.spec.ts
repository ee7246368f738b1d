import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@ecluse/contracts';
import {
  BEARER,
  GITHUB,
  hmac,
  hmacTimestamp,
  PROVIDERS,
  resolveAuth,
  STANDARD_WEBHOOKS,
  STRIPE,
} from '@ecluse/webhook-auth';
import { checkSchema } from './check-schema.js';
import { DOCUMENT_KINDS } from './parse-document.js';
import { SCHEMAS } from './read-document.js';

function source(auth: unknown[]): JsonObject {
  const metadata = { name: 'crm', tenant: 'acme' };
  return { apiVersion: 'ecluse/v1', kind: 'Source', metadata, spec: { auth } } as JsonObject;
}
const refused = (entry: unknown): boolean => checkSchema(SCHEMAS.Source, source([entry])).length > 0;
const fails = (entry: unknown): boolean =>
  resolveAuth([entry]).findings.some(({ severity }) => severity === 'error');

describe('the published schemas', () => {
  it.each(DOCUMENT_KINDS)('docs/reference/schemas has the one of %s as it is used', (kind) => {
    const path = new URL(`../../../docs/reference/schemas/${kind.toLowerCase()}.json`, import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(SCHEMAS[kind]);
  });

  it.each([STANDARD_WEBHOOKS, GITHUB, STRIPE, BEARER, hmac(), hmacTimestamp({ prefix: 'v0=', unit: 'ms' })])(
    'take scheme %# of the catalogue written out',
    (scheme) => {
      expect([refused(scheme), fails(scheme)]).toEqual([false, false]);
    },
  );
  it.each(PROVIDERS)('know the provider %s', (provider) => {
    expect(refused({ provider })).toBe(false);
  });

  it.each([
    ['no kind', {}],
    ['an unknown kind', { kind: 'jwt' }],
    ['an unknown provider', { provider: 'nobody' }],
    ['an option of the wrong type', { provider: 'hmac', header: 1 }],
    ['an unknown field', { ...GITHUB, tolerance: 1 }],
    ['no content', { ...GITHUB, content: [] }],
    ['an unknown way to parse', { ...GITHUB, signature: { ...GITHUB.signature, parse: { type: 'all' } } }],
    ['a header in upper case', { ...GITHUB, signature: { ...GITHUB.signature, header: 'X-Signature' } }],
    ['a window without end', { ...STRIPE, timestamp: { ...STRIPE.timestamp, pastSeconds: 1e9 } }],
  ])('and the linter of schemes refuse %s alike', (_name, entry) => {
    expect([refused(entry), fails(entry)]).toEqual([true, true]);
  });
});
