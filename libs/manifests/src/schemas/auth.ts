import type { JsonObject } from '@ecluse/contracts';

const headerName: JsonObject = {
  type: 'string',
  pattern: '^[a-z0-9-]{1,100}$',
  description: 'a header name in lower case',
};
const ascii: JsonObject = {
  type: 'string',
  pattern: '^[\\x20-\\x7e]{1,64}$',
  description: '1 to 64 printable ASCII characters',
};
const encoding: JsonObject = { enum: ['hex', 'base64', 'base64url'] };
const timeUnit: JsonObject = { enum: ['s', 'ms', 'rfc3339'] };

function closed(required: string[], properties: JsonObject): JsonObject {
  return { type: 'object', required, additionalProperties: false, properties };
}

/** Exactly one place of the request; the linter of `@ecluse/webhook-auth` says which are possible where. */
const place: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    header: headerName,
    param: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,40}$', description: 'a parameter name' },
    sep: ascii,
    query: { type: 'string', pattern: '^[\\x21-\\x7e]{1,100}$', description: 'a query parameter name' },
    bodyPointer: { type: 'string', pattern: '^(/[^/]*)+$', description: 'a JSON pointer, for example /id' },
  },
};
const secret = closed(['encoding'], {
  encoding: { enum: ['utf8', 'hex', 'base64', 'base64url'] },
  prefix: ascii,
  minBytes: { type: 'integer', minimum: 1, maximum: 1024 },
});
const parse: JsonObject = {
  oneOf: [
    closed(['type'], { type: { const: 'plain' } }),
    closed(['type', 'prefix'], { type: { const: 'prefix' }, prefix: ascii }),
    closed(['type', 'sep', 'param'], { type: { const: 'kv' }, sep: ascii, param: ascii }),
    closed(['type', 'sep', 'tagSep', 'tag'], {
      type: { const: 'list' },
      sep: ascii,
      tagSep: ascii,
      tag: ascii,
    }),
    closed(['type', 'max'], {
      type: { const: 'numberedHeaders' },
      max: { type: 'integer', minimum: 1, maximum: 8 },
    }),
  ],
};

const macScheme = closed(['kind', 'algorithm', 'secret', 'signature', 'content'], {
  kind: { const: 'mac' },
  legacy: { type: 'boolean' },
  algorithm: { enum: ['sha256', 'sha384', 'sha512', 'sha1'] },
  secret,
  signature: closed(['header', 'encoding', 'parse'], {
    header: { type: 'string', pattern: '^[a-z0-9{}-]{1,100}$', description: 'a header name in lower case' },
    encoding,
    parse,
    maxCandidates: { type: 'integer', minimum: 1, maximum: 8 },
  }),
  timestamp: closed(['source', 'unit', 'pastSeconds', 'futureSeconds', 'signed'], {
    source: place,
    unit: timeUnit,
    pastSeconds: { type: 'integer', minimum: 1, maximum: 86_400 },
    futureSeconds: { type: 'integer', minimum: 1, maximum: 3_600 },
    signed: { type: 'boolean' },
  }),
  id: closed(['source', 'signed'], { source: place, signed: { type: 'boolean' } }),
  content: {
    type: 'array',
    minItems: 1,
    maxItems: 16,
    items: { oneOf: [ascii, closed(['header'], { header: headerName })] },
  },
});
const staticScheme = closed(['kind', 'secret', 'token'], {
  kind: { const: 'static' },
  secret,
  token: closed(['source'], { source: place, prefix: ascii }),
});
const provider = closed(['provider'], {
  provider: { enum: ['standard-webhooks', 'github', 'stripe', 'hmac', 'hmac-timestamp', 'bearer'] },
  header: headerName,
  algorithm: { enum: ['sha256', 'sha384', 'sha512'] },
  encoding,
  prefix: ascii,
  timestampHeader: headerName,
  unit: timeUnit,
  toleranceSeconds: { type: 'integer', minimum: 1, maximum: 3_600 },
});

/** One entry of a source's `auth`. Whether a well-formed scheme proves anything is for `@ecluse/webhook-auth` to say. */
export const AUTH_SCHEMA: JsonObject = {
  type: 'object',
  if: { required: ['provider'] },
  then: provider,
  else: {
    if: { required: ['kind'], properties: { kind: { const: 'mac' } } },
    then: macScheme,
    else: {
      if: { required: ['kind'], properties: { kind: { const: 'static' } } },
      then: staticScheme,
      else: {
        anyOf: [{ required: ['provider'] }, { required: ['kind'] }],
        properties: {
          kind: {
            enum: ['mac', 'static'],
            'x-later': ['hash', 'publicKey', 'basic', 'jwt', 'httpSignature', 'mtls', 'plugin'],
          },
        },
      },
    },
  },
};
