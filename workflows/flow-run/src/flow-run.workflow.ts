import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { RunRecordActivities, RunRef, RunResult } from '@ecluse/contracts';
import { RECORD_OPTIONS } from './retry-policies.js';
import { toRunFailure } from './run-failure.js';
import { executeSteps } from './step-executor.js';

const record = proxyLocalActivities<RunRecordActivities>(RECORD_OPTIONS);

/**
 * Runs one flow version over one delivery. However it ends, the run's record says so before the workflow closes.
 * A dead letter fails the workflow, so that operators find it as failed in the Temporal UI; its type is the error code.
 */
export async function flowRun(run: RunRef): Promise<RunResult> {
  let result: RunResult;
  let cause: unknown;
  try {
    const opened = await record.openRun(run);
    if (opened.triggered) await executeSteps(run, opened.steps, {});
    result = { state: 'succeeded', triggered: opened.triggered };
  } catch (error) {
    cause = error;
    result = { state: 'dead_letter', failure: toRunFailure(error) };
  }
  // A cancelled run is recorded too: nothing that was accepted disappears.
  await CancellationScope.nonCancellable(() => record.closeRun(run, result));
  if (result.state === 'succeeded') return result;
  if (isCancellation(cause)) throw cause as Error;
  throw ApplicationFailure.create({
    message: result.failure.reason,
    type: result.failure.code,
    nonRetryable: true,
    details: [result.failure],
  });
}
