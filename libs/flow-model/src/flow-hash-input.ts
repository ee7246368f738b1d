import type { FlowDefinition, JsonValue } from '@ecluse/contracts';
import { canonicalJson } from './canonical-json.js';

/**
 * What a flow version's content hash is taken over: `sha256hex(utf8(flowHashInput(definition)))`.
 * The hash itself is the caller's (`node:crypto`), because this package runs inside workflows, which have no built-ins.
 */
export function flowHashInput(definition: FlowDefinition): string {
  // An interface has no index signature; the definition is JSON by its schema.
  return canonicalJson(definition as unknown as JsonValue);
}
