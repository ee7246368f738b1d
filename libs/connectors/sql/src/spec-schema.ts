import type { JsonObject } from '@ecluse/contracts';

const duration = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,5}(ms|s|m)$',
  description: 'for example 500ms, 10s, 1m',
};
const identifier = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' };

const tls = {
  oneOf: [
    {
      type: 'object',
      required: ['mode'],
      additionalProperties: false,
      properties: { mode: { const: 'disable' } },
    },
    {
      type: 'object',
      required: ['mode'],
      additionalProperties: false,
      properties: { mode: { const: 'verify-full' }, caFile: { type: 'string', minLength: 1 } },
    },
  ],
};

const config = {
  type: 'object',
  required: ['engine', 'host', 'database'],
  additionalProperties: false,
  properties: {
    engine: { const: 'postgresql' },
    // No path: a socket folder would bypass TLS and host rules.
    host: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,253}$' },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    database: { type: 'string', minLength: 1, maxLength: 63 },
    tls,
    statementTimeout: duration,
    lockTimeout: duration,
    maxConnections: { type: 'integer', minimum: 1, maximum: 50 },
  },
};

const idempotency = {
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
      properties: { kind: { const: 'external_id' }, field: identifier },
    },
    {
      type: 'object',
      required: ['kind', 'onAmbiguous'],
      additionalProperties: false,
      properties: { kind: { const: 'none' }, onAmbiguous: { const: 'park' } },
    },
  ],
};

/** Outcomes that a count of rows can mean. */
const EXPECTED_OUTCOMES = [
  'missing_dependency',
  'not_found',
  'invalid',
  'duplicate',
  'stale_version',
  'business_limit',
  'forbidden',
  'contract_drift',
  'transient',
];

const expectation = {
  type: 'object',
  required: ['rows', 'outcome', 'reason'],
  additionalProperties: false,
  properties: {
    rows: {
      oneOf: [
        { type: 'integer', minimum: 0 },
        {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          properties: { min: { type: 'integer', minimum: 0 }, max: { type: 'integer', minimum: 0 } },
        },
      ],
    },
    outcome: { enum: EXPECTED_OUTCOMES },
    reason: { type: 'string', minLength: 1, maxLength: 300 },
  },
};

const bulk = {
  type: 'object',
  required: ['statements'],
  additionalProperties: false,
  properties: {
    maxItems: { type: 'integer', minimum: 2, maximum: 500 },
    statements: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: {
        type: 'object',
        required: ['sql'],
        additionalProperties: false,
        properties: { sql: { type: 'string', minLength: 1, maxLength: 20_000 }, expect: expectation },
      },
    },
  },
};

const operation = {
  type: 'object',
  required: ['effect', 'input', 'statements'],
  additionalProperties: false,
  properties: {
    effect: { enum: ['read', 'create', 'update', 'upsert', 'delete', 'transition'] },
    idempotency,
    timeout: duration,
    short: { type: 'boolean' },
    input: { type: 'object' },
    statements: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: {
        type: 'object',
        required: ['sql'],
        additionalProperties: false,
        properties: {
          name: identifier,
          sql: { type: 'string', minLength: 1, maxLength: 20_000 },
          expect: expectation,
        },
      },
    },
    bulk,
    output: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'string', pattern: '^:[A-Za-z_][A-Za-z0-9_]*\\.[A-Za-z_][A-Za-z0-9_]*$' },
    },
  },
};

/** JSON Schema (2020-12) of a `connector: sql` spec beyond `connector` and `credentials`. */
export const SQL_SPEC_SCHEMA: JsonObject = {
  type: 'object',
  required: ['config', 'operations'],
  properties: {
    config,
    operations: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)*$' },
      additionalProperties: operation,
    },
  },
};
