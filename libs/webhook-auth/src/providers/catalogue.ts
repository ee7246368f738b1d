import type { AuthScheme, MacScheme, MacAlgorithm, SignatureEncoding } from '../scheme.js';

const FIVE_MINUTES = { pastSeconds: 300, futureSeconds: 300, signed: true } as const;

/** Standard Webhooks 1.0.0, symmetric signatures (`v1`). Its id and time are signed. */
export const STANDARD_WEBHOOKS: MacScheme = {
  kind: 'mac',
  algorithm: 'sha256',
  secret: { encoding: 'base64', prefix: 'whsec_', minBytes: 24 },
  signature: {
    header: 'webhook-signature',
    encoding: 'base64',
    parse: { type: 'list', sep: ' ', tagSep: ',', tag: 'v1' },
  },
  timestamp: { ...FIVE_MINUTES, source: { header: 'webhook-timestamp' }, unit: 's' },
  id: { source: { header: 'webhook-id' }, signed: true },
  content: ['id', '.', 'timestamp', '.', 'body'],
};

/** GitHub signs the body only: `X-GitHub-Delivery` is not covered, so it is not an identity. */
export const GITHUB: MacScheme = {
  kind: 'mac',
  algorithm: 'sha256',
  secret: { encoding: 'utf8', minBytes: 16 },
  signature: {
    header: 'x-hub-signature-256',
    encoding: 'hex',
    parse: { type: 'prefix', prefix: 'sha256=' },
  },
  content: ['body'],
};

/** Stripe: the key is the whole `whsec_…` text, not its decoded part. Other versions than `v1` are ignored. */
export const STRIPE: MacScheme = {
  kind: 'mac',
  algorithm: 'sha256',
  secret: { encoding: 'utf8', minBytes: 16 },
  signature: {
    header: 'stripe-signature',
    encoding: 'hex',
    parse: { type: 'kv', sep: ',', param: 'v1' },
  },
  timestamp: { ...FIVE_MINUTES, source: { header: 'stripe-signature', param: 't' }, unit: 's' },
  id: { source: { bodyPointer: '/id' }, signed: true },
  content: ['timestamp', '.', 'body'],
};

/** What the shorthand `{ provider: hmac, … }` may set. */
export interface HmacOptions {
  /** Header of the signature. Default `x-signature`. */
  header?: string;
  /** Default `sha256`. */
  algorithm?: Exclude<MacAlgorithm, 'sha1'>;
  /** Default `hex`. */
  encoding?: SignatureEncoding;
  /** Text before the signature, for example `sha256=`. Default none. */
  prefix?: string;
}
/** What the shorthand `{ provider: hmac-timestamp, … }` may set. */
export interface HmacTimestampOptions extends HmacOptions {
  /** Header of the time the delivery was signed. Default `x-timestamp`. */
  timestampHeader?: string;
  /** Default `s`. */
  unit?: 's' | 'ms' | 'rfc3339';
  /** Accepted clock distance both ways, seconds, 1..3600. Default 300. */
  toleranceSeconds?: number;
}

/** A signature over the body alone: a captured delivery stays valid as long as its secret. */
export function hmac(options: HmacOptions = {}): MacScheme {
  return {
    kind: 'mac',
    algorithm: options.algorithm ?? 'sha256',
    secret: { encoding: 'utf8', minBytes: 16 },
    signature: {
      header: options.header ?? 'x-signature',
      encoding: options.encoding ?? 'hex',
      parse: options.prefix === undefined ? { type: 'plain' } : { type: 'prefix', prefix: options.prefix },
    },
    content: ['body'],
  };
}

/** A signature over `<timestamp>.<body>`. */
export function hmacTimestamp(options: HmacTimestampOptions = {}): MacScheme {
  const seconds = options.toleranceSeconds ?? 300;
  return {
    ...hmac(options),
    timestamp: {
      source: { header: options.timestampHeader ?? 'x-timestamp' },
      unit: options.unit ?? 's',
      pastSeconds: seconds,
      futureSeconds: seconds,
      signed: true,
    },
    content: ['timestamp', '.', 'body'],
  };
}

/** `Authorization: Bearer <secret>`; proves who sends, not what. */
export const BEARER: AuthScheme = {
  kind: 'static',
  secret: { encoding: 'utf8', minBytes: 16 },
  token: { source: { header: 'authorization' }, prefix: 'Bearer ' },
};
