import type { EffectState, OutcomeClass } from '@ecluse/contracts';
import type { ErrorName } from '@ecluse/errors';

/**
 * What the interpreter does with one outcome.
 * - `success`: the step has its output.
 * - `retry`: again after the step's own back-off; `retryAfter`: again after the pause that the remote asked for.
 * - `refreshCredentialOnce`: drop the credential and try once more at once; a second time it is a dead letter.
 * - `park`: nobody knows whether the write happened; a dead letter that a person settles at the remote first.
 * - `deadLetter`: a person has to mend something; trying again would fail again.
 */
export type OutcomeAction =
  'success' | 'retry' | 'retryAfter' | 'refreshCredentialOnce' | 'park' | 'deadLetter';

export interface OutcomePolicy {
  readonly action: OutcomeAction;
  /** State of the effect after this attempt. `intended`: the remote did nothing, the next attempt settles it. */
  readonly effect: EffectState;
  /** Error of the attempt; null on success. */
  readonly error: ErrorName | null;
  /** Error of the dead letter once attempts, time, or the one refresh are used up; null on success. */
  readonly exhausted: ErrorName | null;
}

const SUCCESS: OutcomePolicy = { action: 'success', effect: 'confirmed', error: null, exhausted: null };
const EXHAUSTED = 'CALL_RETRIES_EXHAUSTED';

function retried(action: 'retry' | 'retryAfter', effect: EffectState, error: ErrorName): OutcomePolicy {
  return { action, effect, error, exhausted: EXHAUSTED };
}
function refused(error: ErrorName): OutcomePolicy {
  return { action: 'deadLetter', effect: 'refused', error, exhausted: error };
}

/** The one table of outcomes, for operations that may be repeated. See `outcomePolicy` for those that may not. */
export const OUTCOME_POLICIES = {
  ok: SUCCESS,
  already_done: SUCCESS,
  throttled: retried('retryAfter', 'intended', 'CALL_THROTTLED'),
  transient: retried('retry', 'intended', 'CALL_TRANSIENT'),
  // An idempotency strategy makes the repeated write the same write.
  ambiguous: { action: 'retry', effect: 'unknown', error: 'CALL_AMBIGUOUS', exhausted: 'CALL_AMBIGUOUS' },
  auth_stale: {
    action: 'refreshCredentialOnce',
    effect: 'intended',
    error: 'CREDENTIAL_REFUSED',
    exhausted: 'CREDENTIAL_REFUSED',
  },
  auth_revoked: refused('CREDENTIAL_REFUSED'),
  forbidden: refused('CALL_FORBIDDEN'),
  // Somebody else wrote in between: the next attempt reads the new version first.
  stale_version: retried('retry', 'intended', 'CALL_TRANSIENT'),
  duplicate: refused('CALL_INVALID'),
  invalid: refused('CALL_INVALID'),
  missing_dependency: refused('CALL_MISSING_DEPENDENCY'),
  not_found: refused('CALL_MISSING_DEPENDENCY'),
  contract_drift: refused('CALL_DRIFT'),
  business_limit: refused('CALL_BUSINESS_LIMIT'),
} as const satisfies Record<OutcomeClass, OutcomePolicy>;

const PARKED: OutcomePolicy = {
  action: 'park',
  effect: 'unknown',
  error: 'CALL_AMBIGUOUS',
  exhausted: 'CALL_AMBIGUOUS',
};

/**
 * Policy of one outcome. `repeatable`: the operation reads, or its idempotency strategy makes a second
 * write harmless. Without it an ambiguous write is parked, never repeated silently.
 */
export function outcomePolicy(outcome: OutcomeClass, repeatable: boolean): OutcomePolicy {
  return outcome === 'ambiguous' && !repeatable ? PARKED : OUTCOME_POLICIES[outcome];
}
