import type { WebhookRequest, WebhookSecret } from './request.js';
import type { NamedScheme } from './scheme.js';
import type { VerifyResult } from './verified.js';
import { verifyMac } from './verify-mac.js';
import { verifyStatic } from './verify-static.js';

/**
 * Verifies a request against the schemes of its source; any may match, none is skipped on a hint from the
 * request. Fails closed: no scheme, no usable secret or more than `MAX_SECRETS` refuse. Does no I/O and never
 * throws for what a sender can send. With several schemes the reason is that of the last one tried.
 */
export function verify(
  schemes: readonly NamedScheme[],
  request: WebhookRequest,
  secrets: readonly WebhookSecret[],
  now: Date,
): VerifyResult {
  let result: VerifyResult = { ok: false, reason: 'no_scheme' };
  for (const { name, scheme } of schemes) {
    const outcome =
      scheme.kind === 'mac'
        ? verifyMac(scheme, name, request, secrets, now)
        : verifyStatic(scheme, name, request, secrets);
    if (outcome.ok) return outcome;
    result = outcome;
  }
  return result;
}
