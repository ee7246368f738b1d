import type { ChooseStep, FlowStep, JsonValue } from '@ecluse/contracts';

export type ConditionResult = { ok: true; value: boolean } | { ok: false; message: string };

/**
 * Reads the result of a condition (`when`): true, false, or nothing (null), which counts as false.
 * Anything else is a fault of the expression, reported as MAPPING_FAILED: guessing would run the wrong branch.
 */
export function conditionResult(value: JsonValue): ConditionResult {
  if (typeof value === 'boolean') return { ok: true, value };
  if (value === null) return { ok: true, value: false };
  const kind = Array.isArray(value)
    ? 'an array'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`;
  return { ok: false, message: `condition gave ${kind}; expected true or false, see $boolean()` };
}

export type NextBranch =
  { decided: true; steps: readonly FlowStep[] } | { decided: false; index: number; when: string };

/**
 * What a `choose` step does after the given answers, one per condition asked so far, in order: the steps to run,
 * or the next condition to ask. Conditions after the first true one are never evaluated.
 */
export function nextBranch(step: ChooseStep, answers: readonly boolean[]): NextBranch {
  const taken = step.choose[answers.indexOf(true)];
  if (taken !== undefined) return { decided: true, steps: taken.steps };
  const next = step.choose[answers.length];
  if (next !== undefined) return { decided: false, index: answers.length, when: next.when };
  return { decided: true, steps: step.otherwise ?? [] };
}
