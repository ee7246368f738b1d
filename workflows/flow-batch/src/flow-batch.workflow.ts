import { CancellationScope, isCancellation, proxyLocalActivities } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { BatchEnd, BatchProgress, BatchRecordActivities, BatchRef } from '@ecluse/contracts';
import { toRunFailure } from '@ecluse/flow-run/interpreter';
import { BATCH_RECORD_OPTIONS } from './batch-options.js';
import { executeBatchSteps } from './batch-steps.js';

const record = proxyLocalActivities<BatchRecordActivities>(BATCH_RECORD_OPTIONS);

/**
 * Runs one flow version over many deliveries, one activity per step. Its history holds counts only: the runs are found
 * in the store by the batch's id, and each has an outcome of its own. Answers how many ended here as succeeded.
 */
export async function flowBatch(batch: BatchRef): Promise<BatchProgress> {
  const end = await runBatch(batch);
  // Also when cancelled: nothing that was accepted disappears.
  const closed = await CancellationScope.nonCancellable(() => record.closeBatch(batch, end.end));
  if (end.cause !== undefined) throw end.cause;
  return closed;
}

async function runBatch(batch: BatchRef): Promise<{ end: BatchEnd; cause?: TemporalFailure }> {
  try {
    const opened = await record.openBatch(batch);
    if (!('ended' in opened)) await executeBatchSteps(batch, opened);
    return { end: { state: 'succeeded' } };
  } catch (error) {
    // A fault of this code holds the batch until a worker with a corrected build takes it.
    if (!(error instanceof TemporalFailure)) throw error;
    if (isCancellation(error))
      return { end: { state: 'dead_letter', failure: toRunFailure(error) }, cause: error };
    // Whatever the batch could not do, each of its runs may still do, or fail for itself.
    return { end: { state: 'left' } };
  }
}
