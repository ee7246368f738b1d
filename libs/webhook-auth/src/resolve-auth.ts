import type { Finding } from './finding.js';
import { ASCII, HEADER_NAME, lintScheme } from './lint-scheme.js';
import {
  BEARER,
  GITHUB,
  STANDARD_WEBHOOKS,
  STRIPE,
  hmac,
  hmacTimestamp,
  type HmacTimestampOptions,
} from './providers/catalogue.js';
import { SIGNATURE_ENCODINGS, type AuthScheme, type NamedScheme } from './scheme.js';
import { Shape, type Json } from './shape.js';

/** Names for the shorthand `{ provider: … }`. `hmac` and `hmac-timestamp` take options beside it. */
export const PROVIDERS = [
  'standard-webhooks',
  'github',
  'stripe',
  'hmac',
  'hmac-timestamp',
  'bearer',
] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Most schemes of one source. */
export const MAX_SCHEMES = 4;

const HMAC_KEYS = ['header', 'algorithm', 'encoding', 'prefix'];
const OPTIONS: Record<Provider, readonly string[]> = {
  'standard-webhooks': [],
  github: [],
  stripe: [],
  hmac: HMAC_KEYS,
  'hmac-timestamp': [...HMAC_KEYS, 'timestampHeader', 'unit', 'toleranceSeconds'],
  bearer: [],
};

/** Schemes that need no options. */
const FIXED: Partial<Record<Provider, AuthScheme>> = {
  'standard-webhooks': STANDARD_WEBHOOKS,
  github: GITHUB,
  stripe: STRIPE,
  bearer: BEARER,
};

function checkOptions(shape: Shape, value: Json): void {
  shape.text(value['header'], '/header', HEADER_NAME, 'a header name in lower case', true);
  shape.text(value['timestampHeader'], '/timestampHeader', HEADER_NAME, 'a header name in lower case', true);
  shape.oneOf(value['algorithm'], '/algorithm', ['sha256', 'sha384', 'sha512'], true);
  shape.oneOf(value['encoding'], '/encoding', SIGNATURE_ENCODINGS, true);
  shape.text(value['prefix'], '/prefix', ASCII, '1 to 64 ASCII characters', true);
  shape.oneOf(value['unit'], '/unit', ['s', 'ms', 'rfc3339'], true);
  shape.integer(value['toleranceSeconds'], '/toleranceSeconds', 1, 3_600, true);
}

function expand(value: Json, shape: Shape): NamedScheme | undefined {
  const provider = PROVIDERS.find((name) => name === value['provider']);
  if (provider === undefined) {
    shape.error('/provider', 'is not a provider known here', PROVIDERS.join(', '));
    return undefined;
  }
  shape.object(value, '', ['provider', ...OPTIONS[provider]]);
  checkOptions(shape, value);
  if (shape.findings.length > 0) return undefined;
  const fixed = FIXED[provider];
  if (fixed !== undefined) return { name: provider, scheme: fixed };
  const options = value as HmacTimestampOptions;
  return { name: provider, scheme: provider === 'hmac' ? hmac(options) : hmacTimestamp(options) };
}

function resolveOne(value: unknown, index: number): { scheme?: NamedScheme; findings: Finding[] } {
  const shape = new Shape();
  if (typeof value === 'object' && value !== null && 'provider' in value) {
    const named = expand(value, shape);
    if (named === undefined) return { findings: shape.findings };
    return { scheme: named, findings: lintScheme(named.scheme) };
  }
  const findings = lintScheme(value);
  if (findings.some(({ severity }) => severity === 'error')) return { findings };
  const scheme = value as AuthScheme;
  return { scheme: { name: `${scheme.kind}-${String(index)}`, scheme }, findings };
}

/**
 * Turns a source's `spec.auth` (a list, or one entry; shorthand or full schemes) into schemes for `verify`.
 * Pointers of the findings start at `auth`. With any error `schemes` is empty: half a definition would verify
 * less than its author wrote.
 */
export function resolveAuth(auth: unknown): { schemes: NamedScheme[]; findings: Finding[] } {
  const list: unknown[] = Array.isArray(auth) ? auth : [auth];
  const at = (index: number): string => (Array.isArray(auth) ? `/${String(index)}` : '');
  if (list.length === 0 || list.length > MAX_SCHEMES) {
    const message = 'does not hold 1 to 4 schemes';
    return { schemes: [], findings: [{ severity: 'error', pointer: '', message }] };
  }
  const resolved = list.map((entry, index) => resolveOne(entry, index));
  const findings = resolved.flatMap((one, index) =>
    one.findings.map((finding) => ({ ...finding, pointer: `${at(index)}${finding.pointer}` })),
  );
  if (findings.some(({ severity }) => severity === 'error')) return { schemes: [], findings };
  return { schemes: resolved.flatMap(({ scheme }) => (scheme === undefined ? [] : [scheme])), findings };
}
