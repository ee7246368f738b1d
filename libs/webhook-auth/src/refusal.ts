/**
 * Why a delivery was refused. For logs and metrics only: the sender is told nothing but 401, because each
 * difference in the answer is a hint to someone who probes.
 */
export const REFUSAL_REASONS = [
  'no_secret',
  'too_many_secrets',
  'secret_unusable',
  'signature_missing',
  'signature_malformed',
  'too_many_signatures',
  'signature_mismatch',
  'header_missing',
  'header_repeated',
  'header_malformed',
  'timestamp_missing',
  'timestamp_malformed',
  'timestamp_stale',
  'timestamp_future',
  'id_missing',
  'id_malformed',
  'token_missing',
  'token_mismatch',
  'no_scheme',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Reasons that lie with the receiver: an operator has to mend the source or its secrets. */
const CONFIGURATION_FAULTS: ReadonlySet<RefusalReason> = new Set([
  'no_secret',
  'too_many_secrets',
  'secret_unusable',
  'no_scheme',
]);

/** True when the source, not the sender, is at fault. */
export function isConfigurationFault(reason: RefusalReason): boolean {
  return CONFIGURATION_FAULTS.has(reason);
}
