import { proxyLocalActivities } from '@temporalio/workflow';
import type {
  ChooseStep,
  FlowStep,
  JsonValue,
  RunRecordActivities,
  RunRef,
  StepOutputs,
} from '@ecluse/contracts';
import { conditionResult, isCallStep, isChooseStep, nextBranch } from '@ecluse/flow-model';
import { callConnection } from './call-step.js';
import { EVALUATE_OPTIONS } from './retry-policies.js';
import { StepFailed } from './run-failure.js';

const { evaluate } = proxyLocalActivities<RunRecordActivities>(EVALUATE_OPTIONS);

/** Most characters of all outputs of a run, as JSON: they travel with each later step, and Temporal takes 2 MB. */
const MAX_OUTPUTS = 1_000_000;

/** Runs the steps in order; outputs by step id are added to `outputs`. Throws StepFailed. */
export async function executeSteps(
  run: RunRef,
  steps: readonly FlowStep[],
  outputs: StepOutputs,
): Promise<void> {
  for (const step of steps) {
    if (isChooseStep(step)) {
      await executeSteps(run, await chooseBranch(run, step, outputs), outputs);
      continue;
    }
    outputs[step.id] = await inStep(step.id, () =>
      isCallStep(step)
        ? callConnection(run, step, outputs)
        : evaluate({ run, stepId: step.id, expression: step.map, steps: outputs }),
    );
    if (JSON.stringify(outputs).length > MAX_OUTPUTS) {
      throw StepFailed.because(
        step.id,
        'MAPPING_LIMIT',
        'The outputs of all steps together are too large; keep only what later steps need.',
      );
    }
  }
}

/** Asks the conditions in order until one is true. */
async function chooseBranch(
  run: RunRef,
  step: ChooseStep,
  outputs: StepOutputs,
): Promise<readonly FlowStep[]> {
  const answers: boolean[] = [];
  for (;;) {
    const branch = nextBranch(step, answers);
    if (branch.decided) return branch.steps;
    const value = await inStep(step.id, () =>
      evaluate({ run, stepId: step.id, expression: branch.when, steps: outputs }),
    );
    answers.push(truth(step.id, value));
  }
}

function truth(stepId: string, value: JsonValue): boolean {
  const condition = conditionResult(value);
  if (condition.ok) return condition.value;
  throw StepFailed.because(stepId, 'MAPPING_FAILED', `The ${condition.message}.`);
}

/** Names the step in which something failed. */
async function inStep<T>(stepId: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw new StepFailed(stepId, error);
  }
}
