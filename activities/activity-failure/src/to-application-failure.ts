import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { OutcomeClass, StepFailureDetails } from '@ecluse/contracts';
import { EcluseError, isEcluseError, type ErrorStage } from '@ecluse/errors';

export interface FailureContext {
  outcome?: OutcomeClass | null;
  /** For operators; default the error's title and detail. */
  reason?: string;
  /** Pause before the next attempt, as the remote asked for it. Milliseconds. */
  retryAfterMs?: number;
  attemptsUsed?: number;
  /** Default: whether the error table says `backoff`. A call's policy may know better. */
  retryable?: boolean;
  /**
   * Who waits when a part of the platform is away. `temporal` (default): this activity is tried again.
   * `workflow`: the activity ends, and the workflow waits without spending the step's attempts.
   */
  platformWait?: 'temporal' | 'workflow';
}

/** Stages whose temporary errors come from Vault, PostgreSQL or this worker itself. */
const PLATFORM_STAGES = new Set<ErrorStage>(['lease', 'record', 'map']);

/**
 * A part of the platform is away or busy, or the connection is held: never the fault of the delivery, so it uses up no
 * attempt and never ends in a dead letter.
 */
export function isPlatformAway(error: unknown): boolean {
  if (!isEcluseError(error) || error.entry.retry !== 'backoff') return false;
  return PLATFORM_STAGES.has(error.entry.stage) || error.errorName === 'CONNECTION_HELD';
}

/**
 * The one way from an error to a Temporal failure. `type` is the code of the error table, because it is stored in
 * plain text; all words go into the encrypted message and details. What is no EcluseError is told as INTERNAL
 * without its message, which could hold anything.
 */
export function toApplicationFailure(error: unknown, context: FailureContext = {}): ApplicationFailure {
  const known = isEcluseError(error)
    ? error
    : new EcluseError('INTERNAL', { detail: 'unexpected fault in an activity' });
  const away = isPlatformAway(known);
  const retryAfterMs = context.retryAfterMs ?? milliseconds(known.retryAfterSeconds);
  const details: StepFailureDetails = {
    outcome: context.outcome ?? null,
    reason: context.reason ?? reasonOf(known),
    attemptsUsed: context.attemptsUsed ?? 0,
    ...(away ? { platformAway: true } : {}),
    // Temporal does not show a workflow the delay below.
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return ApplicationFailure.create({
    message: known.message,
    type: known.code,
    nonRetryable: away
      ? context.platformWait === 'workflow'
      : !(context.retryable ?? known.entry.retry === 'backoff'),
    details: [details],
    // Expected and handled: waiting is not an error to be alarmed by.
    ...(away || context.outcome === 'throttled' ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function reasonOf(error: EcluseError): string {
  return error.detail === undefined ? `${error.entry.title}.` : `${error.entry.title}: ${error.detail}.`;
}
