import type { JsonObject, StepOutputs } from '@ecluse/contracts';

/** Variables of an evaluation: `$steps` and `$delivery`. */
export interface MappingBindings {
  steps: StepOutputs;
  delivery: JsonObject;
}
