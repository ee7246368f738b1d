import type { Connector } from '@ecluse/connector-sdk';
import { checkSqlSpec } from '../check-spec.js';
import { describeOperations } from '../describe-operations.js';
import { SQL_SPEC_SCHEMA } from '../spec-schema.js';

/**
 * What publishing needs to know of `connector: sql`: whether a spec is valid and what its operations are. This door
 * has no database driver behind it, so that a service which only checks documents cannot call a remote with it.
 */
export const sqlConnectorCheck: Pick<Connector, 'id' | 'specSchema' | 'check' | 'operations'> = {
  id: 'sql',
  specSchema: SQL_SPEC_SCHEMA,
  check: checkSqlSpec,
  operations: describeOperations,
};
