import type { StepOutputs } from '@ecluse/contracts';
import { ERRORS } from '@ecluse/errors';
import type { Fate } from './fate.js';

/** Most characters of all outputs of a run, as JSON: the interpreter's limit, so that a run fails alike in a batch. */
const MAX_OUTPUTS = 1_000_000;

/** The fate, or the dead letter of a run whose outputs are too large together. */
export function tooLarge(stepId: string, steps: StepOutputs, fate: Fate): Fate {
  if (fate.kind !== 'done') return fate;
  if (JSON.stringify({ ...steps, [stepId]: fate.output }).length <= MAX_OUTPUTS) return fate;
  const reason = 'The outputs of all steps together are too large; keep only what later steps need.';
  return { kind: 'failed', failure: { stepId, code: ERRORS.MAPPING_LIMIT.code, outcome: null, reason } };
}
