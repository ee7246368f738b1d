import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  proxyLocalActivities,
  type TemporalFailure,
} from '@temporalio/workflow';
import type { RunFailure, RunRecordActivities, RunRef, RunResult } from '@ecluse/contracts';
import { ERRORS } from '@ecluse/errors';
import { OPEN_OPTIONS, RECORD_OPTIONS } from './retry-policies.js';
import { toRunFailure } from './run-failure.js';
import { executeRun } from './step-executor.js';

const { openRun } = proxyLocalActivities<RunRecordActivities>(OPEN_OPTIONS);
const { closeRun } = proxyLocalActivities<RunRecordActivities>(RECORD_OPTIONS);
const record = { openRun, closeRun };

/**
 * Runs one flow version over one delivery. However it ends, the run's record says so before the workflow closes.
 * A dead letter fails the workflow, so that operators find it as failed in the Temporal UI; its type is the error code.
 */
export async function flowRun(run: RunRef): Promise<RunResult> {
  let result: RunResult;
  try {
    const opened = await record.openRun(run);
    // Without a result: a repeated start of a run that is over, whose record says how.
    if ('ended' in opened) return opened.result ?? { state: 'succeeded', triggered: false };
    if (opened.triggered) await executeRun(run, opened);
    result = { state: 'succeeded', triggered: opened.triggered };
  } catch (error) {
    result = { state: 'dead_letter', failure: toRunFailure(error) };
  }
  // A cancelled run is recorded too: nothing that was accepted disappears.
  await CancellationScope.nonCancellable(() => record.closeRun(run, result));
  if (result.state === 'succeeded') return result;
  throw endOf(result.failure);
}

function endOf(failure: RunFailure): TemporalFailure {
  if (failure.code === ERRORS.RUN_CANCELLED.code) return new CancelledFailure(failure.reason);
  return ApplicationFailure.create({
    message: failure.reason,
    type: failure.code,
    nonRetryable: true,
    details: [failure],
  });
}
