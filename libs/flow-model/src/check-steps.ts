import type { FlowDefinition } from '@ecluse/contracts';
import { checkRetryPolicy } from './retry-policy.js';
import { isCallStep, placeSteps, type PlacedStep } from './flow-steps.js';
import type { FlowIssue } from './flow-issue.js';
import { isStepId } from './names.js';

/** Bounds of a flow. They keep its Temporal history well under the engine's limits. */
export const FLOW_LIMITS = { steps: 100, nesting: 8, stepIdLength: 40, branches: 20 } as const;

/** Everything about a flow's steps that a JSON Schema cannot say: unique ids, nesting, number of steps, retry bounds. */
export function checkSteps(definition: FlowDefinition): FlowIssue[] {
  const placed = placeSteps(definition);
  return [
    ...countIssues(placed),
    ...idIssues(placed),
    ...placed.flatMap(nestingIssue),
    ...placed.flatMap(retryIssues),
  ];
}

function countIssues(placed: readonly PlacedStep[]): FlowIssue[] {
  const tooMany = placed[FLOW_LIMITS.steps];
  if (tooMany === undefined) return [];
  return [
    {
      pointer: tooMany.pointer,
      message: `the flow has ${String(placed.length)} steps`,
      expected: `at most ${String(FLOW_LIMITS.steps)} steps, branches included`,
      remedy: 'Split the flow in two that listen on the same source.',
      kind: 'limit',
    },
  ];
}

function idIssues(placed: readonly PlacedStep[]): FlowIssue[] {
  const first = new Map<string, string>();
  return placed.flatMap(({ step, pointer }): FlowIssue[] => {
    if (!isStepId(step.id)) {
      const expected = 'a lower-case letter, then a-z, 0-9 or -, at most 40 characters';
      return [
        {
          pointer: `${pointer}/id`,
          message: 'is not a step id',
          expected,
          remedy: 'Rename the step.',
          kind: 'limit',
        },
      ];
    }
    if (!first.has(step.id)) {
      first.set(step.id, pointer);
      return [];
    }
    return [
      {
        pointer: `${pointer}/id`,
        message: `step id \`${step.id}\` is used twice`,
        expected: 'ids that are unique in the flow, branches included',
        remedy: 'Rename one of the two; idempotency keys derive from step ids.',
        kind: 'limit',
      },
    ];
  });
}

function nestingIssue({ pointer, depth }: PlacedStep): FlowIssue[] {
  // Only the first level past the limit is reported; deeper ones say the same.
  if (depth !== FLOW_LIMITS.nesting + 1) return [];
  return [
    {
      pointer,
      message: 'is nested too deeply',
      expected: `at most ${String(FLOW_LIMITS.nesting)} levels of steps`,
      remedy: 'Flatten the branches.',
      kind: 'limit',
    },
  ];
}

function retryIssues({ step, pointer }: PlacedStep): FlowIssue[] {
  return isCallStep(step) && step.retry !== undefined ? checkRetryPolicy(step.retry, `${pointer}/retry`) : [];
}
