import { Context } from '@temporalio/activity';
import { toApplicationFailure } from '@ecluse/activity-failure';
import type {
  EvaluateInput,
  JsonValue,
  OpenedRun,
  RunRecordActivities,
  RunRef,
  RunResult,
} from '@ecluse/contracts';
import { evaluateOver, type DeliveryDocuments, type MappingEvaluator } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import type { Failpoints } from '@ecluse/failpoints';
import { conditionResult } from '@ecluse/flow-model';
import type { RunStore } from '@ecluse/storage';

export interface RunRecordDeps {
  runs: RunStore;
  documents: DeliveryDocuments;
  evaluator: MappingEvaluator;
  failpoints: Failpoints;
}

/** Local activities of a run. Each may run again at any time: a killed worker repeats those of its last workflow task. */
export function createRunRecordActivities(deps: RunRecordDeps): RunRecordActivities {
  return {
    openRun: (run) => asActivity(() => openRun(deps, run)),
    evaluate: (input) => asActivity(() => evaluate(deps, input)),
    closeRun: (run, result) => asActivity(() => closeRun(deps, run, result)),
  };
}

async function openRun(deps: RunRecordDeps, run: RunRef): Promise<OpenedRun> {
  await deps.runs.open(run, Context.current().info.workflowExecution?.runId ?? '');
  const flow = await deps.runs.loadFlow(run);
  if (flow.on.when === undefined) return { triggered: true, steps: flow.steps };
  const document = await deps.documents.load(run);
  const condition = conditionResult(await evaluateOver(deps.evaluator, flow.on.when, document, {}));
  if (!condition.ok)
    throw new EcluseError('MAPPING_FAILED', { detail: `the trigger's ${condition.message}` });
  return condition.value ? { triggered: true, steps: flow.steps } : { triggered: false };
}

async function evaluate(deps: RunRecordDeps, input: EvaluateInput): Promise<JsonValue> {
  const document = await deps.documents.load(input.run);
  return evaluateOver(deps.evaluator, input.expression, document, input.steps);
}

async function closeRun(deps: RunRecordDeps, run: RunRef, result: RunResult): Promise<void> {
  deps.failpoints.hit('worker.before-close');
  await deps.runs.close(run, result);
}

async function asActivity<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw toApplicationFailure(error);
  }
}
