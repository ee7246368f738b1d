import { createHash, timingSafeEqual } from 'node:crypto';
import { usableKeys } from './keys.js';
import { lookUp, required, type WebhookRequest, type WebhookSecret } from './request.js';
import type { StaticScheme } from './scheme.js';
import type { VerifyResult } from './verified.js';

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Verifies a shared secret. Hashes of equal length are compared, so neither length nor prefix shows in time. */
export function verifyStatic(
  scheme: StaticScheme,
  name: string,
  request: WebhookRequest,
  secrets: readonly WebhookSecret[],
): VerifyResult {
  const usable = usableKeys(secrets, scheme.secret);
  if ('reason' in usable) return { ok: false, reason: usable.reason };
  const token = required(lookUp(request, scheme.token.source), 'token_missing');
  if ('reason' in token) return { ok: false, reason: token.reason };
  const prefix = scheme.token.prefix ?? '';
  if (!token.value.startsWith(prefix)) return { ok: false, reason: 'token_missing' };
  const text = token.value.slice(prefix.length);
  const sent = sha256(Buffer.from(text, 'header' in scheme.token.source ? 'latin1' : 'utf8'));
  let secretId: string | undefined;
  for (const key of usable.keys) {
    const equal = timingSafeEqual(sha256(key.bytes), sent);
    secretId = equal && secretId === undefined ? key.id : secretId;
  }
  return secretId === undefined
    ? { ok: false, reason: 'token_mismatch' }
    : { ok: true, secretId, scheme: name };
}
