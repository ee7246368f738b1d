import { proxyLocalActivities } from '@temporalio/workflow';
import type {
  CallStep,
  ChooseStep,
  FlowStep,
  JsonValue,
  OpenedRun,
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

/** A run whose trigger held, as `openRun` answers it. */
export type TriggeredRun = Extract<OpenedRun, { triggered: true }>;

/** Runs the steps of an opened run in order. Throws StepFailed. */
export async function executeRun(run: RunRef, opened: TriggeredRun): Promise<void> {
  await new StepExecutor(run, opened).execute(opened.steps);
}

class StepExecutor {
  readonly #outputs: StepOutputs;
  readonly #local: ReadonlySet<string>;

  constructor(
    private readonly run: RunRef,
    private readonly opened: TriggeredRun,
  ) {
    this.#local = new Set(opened.local);
    this.#outputs = { ...opened.progress?.outputs };
  }

  async execute(steps: readonly FlowStep[]): Promise<void> {
    for (const step of steps) {
      if (Object.hasOwn(this.#outputs, step.id)) continue;
      if (isChooseStep(step)) {
        await this.execute(await this.#chooseBranch(step));
        continue;
      }
      this.#outputs[step.id] = await inStep(step.id, () =>
        isCallStep(step) ? this.#call(step) : this.#evaluate(step.id, step.map),
      );
      this.#checkSize(step.id);
    }
  }

  #call(step: CallStep): Promise<JsonValue> {
    const { attemptsMade, progress } = this.opened;
    return callConnection(this.run, step, this.#outputs, {
      local: this.#local.has(step.id),
      attemptsMade: attemptsMade?.[step.id] ?? 0,
      failed: progress?.failed?.stepId === step.id ? progress.failed : undefined,
    });
  }

  #evaluate(stepId: string, expression: string): Promise<JsonValue> {
    return evaluate({ run: this.run, stepId, expression, steps: this.#outputs });
  }

  /** Asks the conditions in order until one is true. */
  async #chooseBranch(step: ChooseStep): Promise<readonly FlowStep[]> {
    const answers: boolean[] = [];
    for (;;) {
      const branch = nextBranch(step, answers);
      if (branch.decided) return branch.steps;
      const value = await inStep(step.id, () => this.#evaluate(step.id, branch.when));
      answers.push(truth(step.id, value));
    }
  }

  #checkSize(stepId: string): void {
    if (JSON.stringify(this.#outputs).length <= MAX_OUTPUTS) return;
    throw StepFailed.because(
      stepId,
      'MAPPING_LIMIT',
      'The outputs of all steps together are too large; keep only what later steps need.',
    );
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
