import { ActivityFailure, ApplicationFailure, RetryState, TemporalFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { OutcomeClass, RunFailure, StepFailureDetails } from '@ecluse/contracts';
import { ERRORS, type ErrorName } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';

/** A step that failed for good. `cause` is Temporal's failure, or absent where the interpreter itself refuses. */
export class StepFailed extends Error {
  constructor(
    readonly stepId: string,
    cause: unknown,
    readonly refusal?: { code: string; reason: string },
  ) {
    super('step failed', { cause });
  }

  static because(stepId: string, name: ErrorName, reason: string): StepFailed {
    return new StepFailed(stepId, undefined, { code: ERRORS[name].code, reason });
  }
}

/** The last attempt that a step's policy allows has failed, in a local activity. `cause` is its failure. */
export class AttemptsUsedUp extends Error {
  constructor(cause: unknown) {
    super('attempts used up', { cause });
  }
}

/**
 * The dead letter of a failed run. What is neither a failed step nor a failure of Temporal is a fault of this
 * code: it is thrown on, which holds the run until a worker with a corrected build takes it.
 */
export function toRunFailure(error: unknown): RunFailure {
  const stepId = error instanceof StepFailed ? error.stepId : null;
  if (error instanceof StepFailed && error.refusal !== undefined) {
    return { stepId, outcome: null, ...error.refusal };
  }
  const cause = error instanceof StepFailed ? error.cause : error;
  if (isCancellation(cause)) {
    return { stepId, code: ERRORS.RUN_CANCELLED.code, outcome: null, reason: cancelledReason(stepId) };
  }
  if (cause instanceof AttemptsUsedUp) return usedUpFailure(stepId, detailsOf(cause.cause));
  if (!(cause instanceof TemporalFailure)) throw cause as Error;
  const details = detailsOf(cause);
  if (usedUp(cause)) return usedUpFailure(stepId, details);
  const code = applicationFailureOf(cause)?.type ?? ERRORS.INTERNAL.code;
  return {
    stepId,
    code,
    outcome: details?.outcome ?? null,
    reason: details?.reason ?? 'The step failed without a reason.',
  };
}

/** What an activity of ours says about its failure; undefined for timeouts and foreign failures. */
export function detailsOf(error: unknown): StepFailureDetails | undefined {
  const details: unknown = applicationFailureOf(error)?.details?.[0];
  return typeof details === 'object' && details !== null && 'reason' in details && 'attemptsUsed' in details
    ? (details as StepFailureDetails)
    : undefined;
}

/**
 * Whether a failed local activity may be tried again. One that ran out of time may have reached the remote, but only
 * repeatable calls are made in local activities.
 */
export function isRetryable(error: unknown): boolean {
  if (isCancellation(error) || !(error instanceof TemporalFailure)) return false;
  return applicationFailureOf(error)?.nonRetryable !== true;
}

/** Local activities reject with the bare ApplicationFailure, normal ones wrap it. */
function applicationFailureOf(error: unknown): ApplicationFailure | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure ? failure : undefined;
}

/** True when the step's attempts or its time ran out, rather than one attempt being final. */
function usedUp(failure: TemporalFailure): boolean {
  return (
    failure instanceof ActivityFailure &&
    (failure.retryState === RetryState.MAXIMUM_ATTEMPTS_REACHED || failure.retryState === RetryState.TIMEOUT)
  );
}

function usedUpFailure(stepId: string | null, details: StepFailureDetails | undefined): RunFailure {
  if (details === undefined) {
    const reason =
      'No worker answered for the last attempt in time; whether it reached the remote is not known.';
    return { stepId, code: ERRORS.CALL_RETRIES_EXHAUSTED.code, outcome: null, reason };
  }
  const { outcome, attemptsUsed } = details;
  const reason = `Given up after ${attemptsUsed.toFixed(0)} attempts. The last: ${details.reason}`;
  return { stepId, code: ERRORS[exhaustedError(outcome)].code, outcome, reason };
}

function exhaustedError(outcome: OutcomeClass | null): ErrorName {
  return (outcome === null ? null : outcomePolicy(outcome, true).exhausted) ?? 'CALL_RETRIES_EXHAUSTED';
}

function cancelledReason(stepId: string | null): string {
  return stepId === null
    ? 'The run was cancelled before its first step.'
    : `The run was cancelled during step ${stepId}; later steps did not run.`;
}
