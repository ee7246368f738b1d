import type { OperationInfo } from '@ecluse/connector-sdk';
import type { JsonObject } from '@ecluse/contracts';
import { asSqlSpec, limitsOf } from './sql-spec.js';

/** What a valid spec says about its operations. */
export function describeOperations(raw: JsonObject): OperationInfo[] {
  const spec = asSqlSpec(raw);
  return Object.entries(spec.operations).map(([name, operation]) => ({
    name,
    effect: operation.effect,
    ...(operation.idempotency === undefined ? {} : { idempotency: operation.idempotency }),
    timeout: { attemptMs: limitsOf(spec, operation).attempt },
  }));
}
