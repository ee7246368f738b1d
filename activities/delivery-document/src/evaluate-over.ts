import type { JsonObject, JsonValue, StepOutputs } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { DeliveryDocument } from './delivery-documents.js';

/** Evaluates a JSONata expression within its limits. Throws MAPPING_FAILED, MAPPING_LIMIT, MAPPING_BUSY. */
export interface MappingEvaluator {
  evaluate(
    expression: string,
    input: JsonValue,
    bindings: { steps: StepOutputs; delivery: JsonObject },
  ): Promise<JsonValue>;
}

/** Largest result of one expression, as JSON. It travels through Temporal's history with every later step. */
export const MAX_RESULT_BYTES = 128 * 1_024;

/** Evaluates over the delivery's body (or `input`), with `$steps` and `$delivery` bound. */
export async function evaluateOver(
  evaluator: MappingEvaluator,
  expression: string,
  document: DeliveryDocument,
  steps: StepOutputs,
  input: JsonValue = document.body,
): Promise<JsonValue> {
  const result = await evaluator.evaluate(expression, input, { steps, delivery: document.delivery });
  return assertSize(result);
}

/** Throws MAPPING_LIMIT for a value that is too large to travel. */
export function assertSize(value: JsonValue): JsonValue {
  if (Buffer.byteLength(JSON.stringify(value)) <= MAX_RESULT_BYTES) return value;
  throw new EcluseError('MAPPING_LIMIT', {
    detail: `the result is larger than ${String(MAX_RESULT_BYTES / 1_024)} KiB; keep only what later steps need`,
  });
}
