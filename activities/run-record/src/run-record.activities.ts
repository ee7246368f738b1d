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
import { evaluateOver } from '@ecluse/delivery-document';
import type { Failpoints } from '@ecluse/failpoints';
import type { RunStore } from '@ecluse/storage';
import { describeOpened, type OpenedRunDeps } from './describe-opened.js';
import { doFirstSteps, type FirstStepsDeps } from './first-steps.js';

export interface RunRecordDeps extends OpenedRunDeps, FirstStepsDeps {
  runs: RunStore;
  failpoints: Failpoints;
}

/** Local activities of a run. Each may run again at any time: a killed worker repeats those of its last workflow task. */
export function createRunRecordActivities(deps: RunRecordDeps): RunRecordActivities {
  return {
    openRun: (run) => asActivity(() => beginRun(deps, run)),
    evaluate: (input) => asActivity(() => evaluate(deps, input)),
    closeRun: (run, result) => asActivity(() => closeRun(deps, run, result)),
  };
}

/** Opens a run and does none of its steps: for lanes, which record its end together with what follows for the lane. */
export function createRunOpener(
  deps: OpenedRunDeps & Pick<RunRecordDeps, 'runs'>,
): (run: RunRef) => Promise<OpenedRun> {
  return (run) => asActivity(() => openRun(deps, run));
}

async function beginRun(deps: RunRecordDeps, run: RunRef): Promise<OpenedRun> {
  const opened = await openRun(deps, run);
  if ('ended' in opened) return opened;
  if (!opened.triggered) return end(deps, run, { state: 'succeeded', triggered: false });
  const { done, ...progress } = await doFirstSteps(deps, run, opened);
  if (done) return end(deps, run, { state: 'succeeded', triggered: true });
  const begun = progress.failed !== undefined || Object.keys(progress.outputs).length > 0;
  return begun ? { ...opened, progress } : opened;
}

async function end(
  deps: RunRecordDeps,
  run: RunRef,
  result: Extract<RunResult, { state: 'succeeded' }>,
): Promise<OpenedRun> {
  await closeRun(deps, run, result);
  return { ended: true, result };
}

async function openRun(
  deps: OpenedRunDeps & Pick<RunRecordDeps, 'runs'>,
  run: RunRef,
): Promise<Exclude<OpenedRun, { result: unknown }>> {
  const temporalRunId = Context.current().info.workflowExecution?.runId ?? '';
  const opening = deps.runs.open(run, temporalRunId);
  // Trigger and steps read the body: it is loaded in the transaction that opens the run, and waits in the cache. What
  // is wrong with it is for those to report that need it.
  const loading = deps.documents.load(run).catch(() => undefined);
  const { ended, attemptsMade } = await opening;
  if (ended) return { ended };
  await loading;
  return describeOpened(deps, run, attemptsMade);
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
