/**
 * What one connector call meant. Every attempt ends in exactly one class; the class alone decides
 * whether the step succeeds, is tried again, waits for a person, or is refused.
 */
export const OUTCOME_CLASSES = [
  'ok',
  'already_done',
  'throttled',
  'transient',
  'ambiguous',
  'auth_stale',
  'auth_revoked',
  'forbidden',
  'stale_version',
  'duplicate',
  'invalid',
  'missing_dependency',
  'not_found',
  'contract_drift',
  'business_limit',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];
