import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

/**
 * Throws when the activity was cancelled or its worker stops: outcomes that a cut-off call left behind say nothing about
 * the runs. What was confirmed meanwhile is in the ledger.
 */
export function assertGoesOn(): void {
  const context = Context.current();
  if (!context.cancellationSignal.aborted) return;
  if (context.cancellationDetails?.cancelRequested === true)
    throw new CancelledFailure('the batch was cancelled');
  throw ApplicationFailure.retryable('the worker stops');
}
