import type { JsonObject } from '@ecluse/contracts';
import { documentSchema, NAME_SCHEMA } from './common.js';

const expression: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 16_384,
  description: 'JSONata, 1 to 16384 characters',
};
const stepId: JsonObject = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  description: 'a lower-case letter, then a-z, 0-9 or -, at most 40 characters',
};
const duration: JsonObject = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,8}(ms|s|m|h|d)$',
  description: 'a whole number and ms, s, m, h or d, for example 500ms, 10s, 24h',
};
const steps: JsonObject = { type: 'array', minItems: 1, maxItems: 100, items: { $ref: '#/$defs/step' } };

const retry: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    attempts: { type: 'integer', minimum: 1, maximum: 100 },
    first: duration,
    factor: { type: 'number', minimum: 1, maximum: 10 },
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
    operation: { type: 'string', minLength: 1, maxLength: 80, description: 'for example salesOrder.upsert' },
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
/** Read by the door in the parsed body before it is sealed, so it is a path and no expression. */
const path: JsonObject = {
  type: 'string',
  maxLength: 200,
  pattern: '^[A-Za-z_][A-Za-z0-9_-]*(?:\\.[A-Za-z_][A-Za-z0-9_-]*){0,15}$',
  description: 'names of fields of the body, joined by dots, for example deal.id: no expression, no index',
};
const order: JsonObject = {
  type: 'object',
  required: ['by'],
  additionalProperties: false,
  properties: {
    by: path,
    onFailure: { enum: ['block', 'park', 'skip', 'latest'] },
    sequence: path,
  },
};
const batch: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    max: { type: 'integer', minimum: 1, maximum: 500, description: 'a whole number from 1 to 500' },
    within: duration,
  },
};
/** Step kinds and step fields of later versions. */
const LATER_IN_STEPS = ['forEach', 'wait', 'approve', 'flow', 'respond', 'store', 'compensate'];

function step(kind: string, properties: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['id', kind],
    additionalProperties: false,
    properties: { id: stepId, ...properties },
    'x-later': LATER_IN_STEPS,
  };
}

/** The kind decides which schema applies, so that errors speak of that kind only. */
const anyStep: JsonObject = {
  type: 'object',
  if: { required: ['call'] },
  then: step('call', { call, retry }),
  else: {
    if: { required: ['map'] },
    then: step('map', { map: expression }),
    else: {
      if: { required: ['choose'] },
      then: step('choose', {
        choose: { type: 'array', minItems: 1, maxItems: 20, items: branch },
        otherwise: steps,
      }),
      else: {
        type: 'object',
        required: ['id'],
        anyOf: [{ required: ['call'] }, { required: ['map'] }, { required: ['choose'] }],
        additionalProperties: false,
        properties: { id: stepId, call: true, map: true, choose: true, otherwise: true, retry: true },
        'x-later': LATER_IN_STEPS,
      },
    },
  },
};

/** `kind: Flow`. */
export const FLOW_SCHEMA: JsonObject = documentSchema(
  'Flow',
  {
    type: 'object',
    required: ['on', 'steps'],
    additionalProperties: false,
    properties: {
      on: {
        type: 'object',
        required: ['source'],
        additionalProperties: false,
        properties: { source: NAME_SCHEMA, when: expression },
        'x-later': ['schedule', 'poll'],
      },
      order,
      batch,
      steps,
      onFailure: {
        type: 'object',
        required: ['deadLetter'],
        additionalProperties: false,
        properties: { deadLetter: { const: true } },
        'x-later': ['alert'],
      },
    },
    'x-later': ['input'],
  },
  { $defs: { step: anyStep } },
);
