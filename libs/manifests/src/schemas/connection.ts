import { documentSchema } from './common.js';

/** `kind: Connection`. `config` and `operations` belong to the connector, whose own schema is applied after this one. */
export const CONNECTION_SCHEMA = documentSchema('Connection', {
  type: 'object',
  required: ['connector', 'config', 'credentials', 'operations'],
  additionalProperties: false,
  properties: {
    connector: { type: 'string' },
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
          properties: {
            engine: { const: 'database' },
            mount: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
            role: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
          },
        },
      },
    },
    operations: { type: 'object', minProperties: 1 },
  },
});
