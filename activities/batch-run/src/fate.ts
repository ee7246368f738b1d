import { isPlatformAway, toApplicationFailure, type FailureContext } from '@ecluse/activity-failure';
import type { JsonValue, RunFailure, StepFailureDetails } from '@ecluse/contracts';
import { ERRORS, isEcluseError, type EcluseError, type ErrorName } from '@ecluse/errors';
import { outcomePolicy, type ResolvedRetryPolicy } from '@ecluse/flow-model';

/**
 * What becomes of one run in one step. `done`: it stays in the batch; `failed`: a dead letter; `leaves`: it goes on in a
 * run of its own, where the step is tried again.
 */
export type Fate =
  | { kind: 'done'; output: JsonValue }
  | { kind: 'failed'; failure: RunFailure }
  | { kind: 'leaves'; pauseMs: number; reason: string | null };

/** How far the run's step had come when it failed. */
export interface Tried {
  stepId: string | null;
  /** Remote calls made in the step. */
  attemptsUsed: number;
  policy: Pick<ResolvedRetryPolicy, 'attempts' | 'firstMs'>;
  context?: FailureContext;
}

/**
 * The fate of a run by what its step threw: what the interpreter makes of the same failure of a single run. Throws what
 * says that a part of the platform is away, or that the connection is held: then the whole batch waits. What waits for
 * the mapping sandbox leaves: it may wait for long, and holds nobody up that way.
 */
export function fateOf(error: unknown, { stepId, attemptsUsed, policy, context = {} }: Tried): Fate {
  // Busy with a few expressions, the sandbox must not hold up what else is in the batch.
  if (isEcluseError(error, 'MAPPING_BUSY')) return waitsAlone(error);
  if (isPlatformAway(error)) throw error;
  const failure = toApplicationFailure(error, { ...context, attemptsUsed });
  const { outcome, reason } = failure.details?.[0] as StepFailureDetails;
  if (failure.nonRetryable === true) {
    return {
      kind: 'failed',
      failure: { stepId, code: failure.type ?? ERRORS.INTERNAL.code, outcome, reason },
    };
  }
  if (attemptsUsed >= policy.attempts && outcome !== null) {
    const exhausted: ErrorName = outcomePolicy(outcome, true).exhausted ?? 'CALL_RETRIES_EXHAUSTED';
    const givenUp = `Given up after ${attemptsUsed.toFixed(0)} attempts. The last: ${reason}`;
    return { kind: 'failed', failure: { stepId, code: ERRORS[exhausted].code, outcome, reason: givenUp } };
  }
  return { kind: 'leaves', pauseMs: context.retryAfterMs ?? policy.firstMs, reason };
}

/** Milliseconds, when the sandbox does not say when to come again. */
const BUSY_PAUSE_MS = 1_000;

function waitsAlone({ entry, detail, retryAfterSeconds }: EcluseError): Fate {
  const pauseMs = retryAfterSeconds === undefined ? BUSY_PAUSE_MS : Math.ceil(retryAfterSeconds * 1_000);
  return { kind: 'leaves', pauseMs, reason: `${entry.title}${detail === undefined ? '' : `: ${detail}`}.` };
}
