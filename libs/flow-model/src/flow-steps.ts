import type { CallStep, ChooseStep, FlowDefinition, FlowStep, MapStep } from '@ecluse/contracts';

export function isCallStep(step: FlowStep): step is CallStep {
  return 'call' in step;
}
export function isMapStep(step: FlowStep): step is MapStep {
  return 'map' in step;
}
export function isChooseStep(step: FlowStep): step is ChooseStep {
  return 'choose' in step;
}

/** One step of a flow with its place. */
export interface PlacedStep {
  step: FlowStep;
  /** RFC 6901 pointer relative to the definition, for example `/steps/1/choose/0/steps/0`. */
  pointer: string;
  /** 1 for a step of the flow itself, 2 inside a branch of it, … */
  depth: number;
  /** Ids of the steps that have run, or were passed over in a branch, when this one starts. */
  preceding: ReadonlySet<string>;
}

/** One expression of a flow with its place and the steps whose output it may read. */
export interface PlacedExpression {
  expression: string;
  pointer: string;
  /** Null for the trigger's `when`, which runs before any step. */
  stepId: string | null;
  preceding: ReadonlySet<string>;
  /** The input document is the delivery's body, except for `output`: there it is what the operation returned. */
  role: 'trigger' | 'condition' | 'with' | 'output' | 'map';
}

/**
 * All steps in document order. A branch sees what precedes its `choose` step and its own earlier steps, not its
 * siblings; after the `choose`, the steps of all branches precede (those not taken have no output).
 */
export function placeSteps(definition: FlowDefinition): PlacedStep[] {
  const placed: PlacedStep[] = [];
  place(definition.steps, '/steps', 1, new Set(), placed);
  return placed;
}

function place(
  steps: readonly FlowStep[],
  pointer: string,
  depth: number,
  before: ReadonlySet<string>,
  placed: PlacedStep[],
): Set<string> {
  const seen = new Set(before);
  steps.forEach((step, index) => {
    const here = `${pointer}/${String(index)}`;
    placed.push({ step, pointer: here, depth, preceding: new Set(seen) });
    const inside = branchesOf(step).map((branch) =>
      place(branch.steps, `${here}${branch.pointer}`, depth + 1, seen, placed),
    );
    for (const ids of inside) for (const id of ids) seen.add(id);
    seen.add(step.id);
  });
  return seen;
}

function branchesOf(step: FlowStep): { steps: readonly FlowStep[]; pointer: string }[] {
  if (!isChooseStep(step)) return [];
  const branches = step.choose.map((branch, index) => ({
    steps: branch.steps,
    pointer: `/choose/${String(index)}/steps`,
  }));
  return step.otherwise === undefined
    ? branches
    : [...branches, { steps: step.otherwise, pointer: '/otherwise' }];
}

/** All expressions of a flow, in document order. */
export function placeExpressions(definition: FlowDefinition): PlacedExpression[] {
  const trigger: PlacedExpression[] =
    definition.on.when === undefined
      ? []
      : [
          {
            expression: definition.on.when,
            pointer: '/on/when',
            stepId: null,
            preceding: new Set(),
            role: 'trigger',
          },
        ];
  return [...trigger, ...placeSteps(definition).flatMap(expressionsOf)];
}

function expressionsOf({ step, pointer, preceding }: PlacedStep): PlacedExpression[] {
  const common = { stepId: step.id, preceding };
  if (isMapStep(step)) return [{ ...common, expression: step.map, pointer: `${pointer}/map`, role: 'map' }];
  if (isChooseStep(step)) {
    return step.choose.map((branch, index) => ({
      ...common,
      expression: branch.when,
      pointer: `${pointer}/choose/${String(index)}/when`,
      role: 'condition',
    }));
  }
  const input: PlacedExpression = {
    ...common,
    expression: step.call.with,
    pointer: `${pointer}/call/with`,
    role: 'with',
  };
  if (step.call.output === undefined) return [input];
  return [
    input,
    { ...common, expression: step.call.output, pointer: `${pointer}/call/output`, role: 'output' },
  ];
}

/**
 * Whether these steps may read the output of an earlier one. An expression that does names the variable; one that only
 * has its name in a text counts too, which does no harm.
 */
export function readsOutputs(steps: readonly FlowStep[]): boolean {
  return steps.some((step) => {
    if (isMapStep(step)) return step.map.includes('$steps');
    if (isChooseStep(step)) {
      return (
        step.choose.some((branch) => branch.when.includes('$steps') || readsOutputs(branch.steps)) ||
        readsOutputs(step.otherwise ?? [])
      );
    }
    return [step.call.with, step.call.output].some((expression) => expression?.includes('$steps') === true);
  });
}
