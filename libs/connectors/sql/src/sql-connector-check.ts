import type { ConnectorDefinition, OperationInfo } from '@ecluse/connector-sdk';
import type { JsonObject } from '@ecluse/contracts';
import { checkSqlSpec } from './check-spec.js';
import { SQL_SPEC_SCHEMA } from './spec-schema.js';
import { asSqlSpec, DEFAULT_BULK_ITEMS, DEFAULT_MAX_CONNECTIONS, limitsOf } from './sql-spec.js';

/**
 * What publishing needs to know of `connector: sql`: whether a spec is valid and what its operations are. There is
 * no database driver behind it, so that a service which only checks documents cannot call a remote with it.
 */
export const sqlConnectorCheck: ConnectorDefinition = {
  id: 'sql',
  version: '1.0.0',
  specSchema: SQL_SPEC_SCHEMA,
  check: checkSqlSpec,
  operations: describeOperations,
};

/** What a valid spec says about its operations. */
function describeOperations(raw: JsonObject): OperationInfo[] {
  const spec = asSqlSpec(raw);
  return Object.entries(spec.operations).map(([name, operation]) => ({
    name,
    effect: operation.effect,
    ...(operation.idempotency === undefined ? {} : { idempotency: operation.idempotency }),
    timeout: { attemptMs: limitsOf(spec, operation).attempt },
    maxConcurrent: spec.config.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    ...(operation.short === true ? { short: true } : {}),
    ...(operation.bulk === undefined
      ? {}
      : { bulk: { maxItems: operation.bulk.maxItems ?? DEFAULT_BULK_ITEMS } }),
  }));
}
