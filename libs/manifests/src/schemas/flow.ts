import type { JsonObject } from '@ecluse/contracts';
import { documentSchema, NAME_SCHEMA } from './common.js';

const expression: JsonObject = { type: 'string', minLength: 1, maxLength: 16_384, description: 'JSONata' };
const stepId: JsonObject = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' };
const duration: JsonObject = {
  type: 'string',
  pattern: '^[0-9]+(ms|s|m|h|d)$',
  description: 'for example 500ms, 10s, 24h',
};
const steps: JsonObject = { type: 'array', minItems: 1, maxItems: 100, items: { $ref: '#/$defs/step' } };

const retry: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    attempts: { type: 'integer', minimum: 1 },
    first: duration,
    factor: { type: 'number', minimum: 1 },
    max: duration,
    within: duration,
  },
};
const call: JsonObject = {
  type: 'object',
  required: ['connection', 'operation', 'with'],
  additionalProperties: false,
  properties: {
    connection: NAME_SCHEMA,
    operation: { type: 'string', minLength: 1, maxLength: 80 },
    with: expression,
    output: expression,
  },
};
const branch: JsonObject = {
  type: 'object',
  required: ['when', 'steps'],
  additionalProperties: false,
  properties: { when: expression, steps },
};

function step(kind: string, properties: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['id', kind],
    additionalProperties: false,
    properties: { id: stepId, ...properties },
  };
}

/** `kind: Flow`. */
export const FLOW_SCHEMA: JsonObject = {
  ...documentSchema('Flow', {
    type: 'object',
    required: ['on', 'steps'],
    additionalProperties: false,
    properties: {
      on: {
        type: 'object',
        required: ['source'],
        additionalProperties: false,
        properties: { source: NAME_SCHEMA, when: expression },
      },
      steps,
      onFailure: {
        type: 'object',
        required: ['deadLetter'],
        additionalProperties: false,
        properties: { deadLetter: { const: true } },
      },
    },
  }),
  $defs: {
    step: {
      type: 'object',
      // The kind decides which schema applies, so that errors speak of that kind only.
      if: { required: ['call'] },
      then: step('call', { call, retry }),
      else: {
        if: { required: ['map'] },
        then: step('map', { map: expression }),
        else: step('choose', {
          choose: { type: 'array', minItems: 1, maxItems: 20, items: branch },
          otherwise: steps,
        }),
      },
    },
  },
};
