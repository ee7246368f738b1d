import type { JsonObject } from '@ecluse/contracts';

/** `apiVersion` of every document of this version. */
export const API_VERSION = 'ecluse/v1';

/** Names of tenants and of documents. */
export const NAME_SCHEMA: JsonObject = {
  type: 'string',
  pattern: '^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  description: 'a lower-case letter, then a-z, 0-9 or -, at most 63 characters, not ending in -',
};

/** The frame that all kinds share. */
export function documentSchema(kind: string, spec: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:ecluse:schema:v1:${kind}`,
    title: `${API_VERSION} ${kind}`,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    additionalProperties: false,
    properties: {
      apiVersion: { const: API_VERSION },
      kind: { const: kind },
      metadata: {
        type: 'object',
        required: ['name', 'tenant'],
        additionalProperties: false,
        properties: { name: NAME_SCHEMA, tenant: NAME_SCHEMA },
      },
      spec,
    },
    ...more,
  };
}
