import { ApplicationFailure } from '@temporalio/common';
import type {
  CallInput,
  CallStep,
  FlowStep,
  JsonValue,
  OpenedRun,
  RunProgress,
  RunRef,
  StepFailureDetails,
} from '@ecluse/contracts';
import { evaluateOver, type DeliveryDocuments, type MappingEvaluator } from '@ecluse/delivery-document';
import { isCallStep, isMapStep } from '@ecluse/flow-model';

export interface FirstStepsDeps {
  documents: DeliveryDocuments;
  evaluator: MappingEvaluator;
  /** One try of a short call, the next one of its step. Throws an ApplicationFailure of which the details tell all. */
  tryCall(input: CallInput): Promise<JsonValue>;
}

/** No further step begins after this long: the workflow task is held meanwhile. Milliseconds. */
const MOST_MS = 3_000;
/** Most characters of all outputs; above that the interpreter goes on, which refuses them by its own rule. */
const MOST_OUTPUT = 500_000;

/**
 * Does the first steps of a triggered run for as long as they are maps or short calls, and all goes well. `done`:
 * nothing is left. What a step cannot do here, the interpreter does, with retries.
 */
export async function doFirstSteps(
  deps: FirstStepsDeps,
  run: RunRef,
  opened: Extract<OpenedRun, { triggered: true }>,
): Promise<RunProgress & { done: boolean }> {
  const endsAt = performance.now() + MOST_MS;
  const progress: RunProgress = { outputs: {} };
  const local = new Set(opened.local);
  for (const step of opened.steps) {
    if (!isShort(step, local) || performance.now() > endsAt) return { ...progress, done: false };
    try {
      const output = isCallStep(step)
        ? await deps.tryCall(callInput(run, step, progress, opened.attemptsMade?.[step.id] ?? 0))
        : await evaluate(deps, run, step.map, progress);
      const outputs = { ...progress.outputs, [step.id]: output };
      if (JSON.stringify(outputs).length > MOST_OUTPUT) return { ...progress, done: false };
      progress.outputs = outputs;
    } catch (error) {
      const failed = isCallStep(step) ? failureOf(step.id, error) : undefined;
      return { ...progress, ...(failed === undefined ? {} : { failed }), done: false };
    }
  }
  return { ...progress, done: true };
}

function isShort(
  step: FlowStep,
  local: ReadonlySet<string>,
): step is Extract<FlowStep, { call: unknown } | { map: unknown }> {
  return isMapStep(step) || local.has(step.id);
}

function callInput(run: RunRef, step: CallStep, { outputs }: RunProgress, attemptsUsed: number): CallInput {
  const { id: stepId, call, retry } = step;
  return { run, stepId, call, ...(retry === undefined ? {} : { retry }), steps: outputs, attemptsUsed };
}

async function evaluate(
  deps: FirstStepsDeps,
  run: RunRef,
  expression: string,
  { outputs }: RunProgress,
): Promise<JsonValue> {
  return evaluateOver(deps.evaluator, expression, await deps.documents.load(run), outputs);
}

/** Undefined for what is no failure of a call: the interpreter's own try tells. */
function failureOf(stepId: string, error: unknown): RunProgress['failed'] {
  if (!(error instanceof ApplicationFailure) || typeof error.type !== 'string') return undefined;
  const details = error.details?.[0] as StepFailureDetails | undefined;
  if (details === undefined) return undefined;
  return { stepId, code: error.type, retryable: error.nonRetryable !== true, details };
}
