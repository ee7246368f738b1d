import { toApplicationFailure } from '@ecluse/activity-failure';
import { awaitConnection, whileHeartbeating } from '@ecluse/connector-call';
import { TemporalFailure } from '@temporalio/common';
import type { BatchPlatformInput, FlowBatchActivities } from '@ecluse/contracts';
import { closeBatch, openBatch } from './batch-record.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { callBatch } from './call-batch.js';
import { chooseBatch, mapBatch } from './evaluate-batch.js';

/** Activities of a batch: one step over all its runs each. No payload leaves them, in either direction. */
export function createBatchRunActivities(deps: BatchRunDeps): FlowBatchActivities {
  return {
    openBatch: (batch) => asActivity(() => openBatch(deps, batch)),
    closeBatch: (batch, end) => asActivity(() => closeBatch(deps, batch, end)),
    callBatch: (input) => whileHeartbeating(() => asStep(input.attemptsUsed, () => callBatch(deps, input))),
    mapBatch: (input) => whileHeartbeating(() => asStep(0, () => mapBatch(deps, input))),
    chooseBatch: (input) => whileHeartbeating(() => asStep(0, () => chooseBatch(deps, input))),
    awaitBatchPlatform: (input) => asActivity(() => awaitBatchPlatform(deps, input)),
  };
}

async function asActivity<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw toApplicationFailure(error);
  }
}

/** What is away ends the activity, and the workflow waits; a retry by Temporal would use up the batch's. */
async function asStep<T>(attemptsUsed: number, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof TemporalFailure) throw error;
    throw toApplicationFailure(error, { attemptsUsed: attemptsUsed + 1, platformWait: 'workflow' });
  }
}

/** Resolves when the step may be tried again; until then the runs show what they wait for. */
async function awaitBatchPlatform(
  deps: BatchRunDeps,
  { batch, connection }: BatchPlatformInput,
): Promise<void> {
  try {
    if (connection !== null) await awaitConnection(deps, batch.tenant, connection);
  } catch (error) {
    await deps.batches.waitFor(batch, waitReason(error)).catch(() => undefined);
    throw error;
  }
  await deps.batches.waitFor(batch, null);
}

function waitReason(error: unknown): string {
  return error instanceof Error ? error.message : 'a part of the platform';
}
