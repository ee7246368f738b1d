import type { JsonObject } from '@ecluse/contracts';
import { documentSchema } from './common.js';

const vaultName: JsonObject = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'a-z, 0-9 or -, at most 63 characters',
};

const operation: JsonObject = {
  type: 'object',
  required: ['effect', 'input'],
  properties: {
    effect: { enum: ['read', 'create', 'update', 'upsert', 'delete', 'transition'] },
    // A write without one may be stored, but no flow may call it.
    idempotency: {
      oneOf: [
        {
          type: 'object',
          required: ['kind'],
          additionalProperties: false,
          properties: { kind: { const: 'natural' } },
        },
        {
          type: 'object',
          required: ['kind', 'field'],
          additionalProperties: false,
          properties: { kind: { const: 'external_id' }, field: { type: 'string', minLength: 1 } },
        },
        {
          type: 'object',
          required: ['kind', 'onAmbiguous'],
          additionalProperties: false,
          properties: { kind: { const: 'none' }, onAmbiguous: { const: 'park' } },
        },
      ],
    },
    input: { type: 'object', description: 'a JSON Schema of an object' },
  },
};

/** `kind: Connection`. `config` and the rest of `operations` belong to the connector, whose own schema is applied after this one. */
export const CONNECTION_SCHEMA: JsonObject = documentSchema('Connection', {
  type: 'object',
  required: ['connector', 'config', 'credentials', 'operations'],
  additionalProperties: false,
  properties: {
    connector: { type: 'string', minLength: 1 },
    config: { type: 'object' },
    credentials: {
      type: 'object',
      required: ['vault'],
      additionalProperties: false,
      properties: {
        vault: {
          type: 'object',
          required: ['engine', 'mount', 'role'],
          additionalProperties: false,
          properties: { engine: { const: 'database' }, mount: vaultName, role: vaultName },
        },
      },
    },
    operations: {
      type: 'object',
      minProperties: 1,
      maxProperties: 100,
      propertyNames: {
        maxLength: 80,
        pattern: '^[a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)*$',
        description: 'words that begin in lower case, joined by dots, for example salesOrder.upsert',
      },
      additionalProperties: operation,
    },
  },
  'x-later': ['budgets'],
});
