import type { JsonObject } from '@ecluse/contracts';
import { AUTH_SCHEMA } from './auth.js';
import { documentSchema } from './common.js';

const keySource: JsonObject = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
  properties: {
    header: { type: 'string', pattern: '^[a-z0-9-]{1,100}$', description: 'a header name in lower case' },
    bodyPointer: { type: 'string', pattern: '^(/[^/]*)+$', description: 'a JSON pointer, for example /id' },
    signed: { const: 'id', description: 'the message id that the scheme signs' },
  },
};

/** `kind: Source`. */
export const SOURCE_SCHEMA: JsonObject = documentSchema('Source', {
  type: 'object',
  required: ['auth'],
  additionalProperties: false,
  properties: {
    auth: { type: 'array', minItems: 1, maxItems: 4, items: AUTH_SCHEMA },
    dedupe: {
      type: 'object',
      required: ['key'],
      additionalProperties: false,
      properties: {
        key: { type: 'array', minItems: 1, maxItems: 5, items: keySource },
        fallback: { enum: ['none', 'bodyHash'] },
      },
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxBody: { type: 'integer', minimum: 1, maximum: 10_485_760, description: 'bytes' },
        contentTypes: {
          type: 'array',
          minItems: 1,
          maxItems: 10,
          items: {
            type: 'string',
            pattern: '^[a-z0-9.+-]+/[a-z0-9.+-]+$',
            description: 'a media type in lower case without parameters',
          },
        },
        maxDepth: { type: 'integer', minimum: 1, maximum: 64 },
        maxTokens: { type: 'integer', minimum: 1, maximum: 200_000 },
        maxKeyLength: { type: 'integer', minimum: 1, maximum: 256 },
      },
    },
  },
  'x-later': ['handshakes', 'fanOut', 'respond', 'minimise', 'schema', 'ipAllow'],
});
