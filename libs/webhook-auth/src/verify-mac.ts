import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { candidateSignatures } from './candidates.js';
import { signedContent } from './content.js';
import { usableKeys, type Key } from './keys.js';
import type { RefusalReason } from './refusal.js';
import { lookUp, required, type WebhookRequest, type WebhookSecret } from './request.js';
import type { MacScheme, Src } from './scheme.js';
import { judgeTimestamp, parseTimestamp } from './timestamps.js';
import type { VerifyResult } from './verified.js';

/** Visible ASCII without space; ids end up in workflow ids, logs and the inbox. */
const ID = /^[\x21-\x7e]{1,512}$/;

type Text = { value: string | undefined } | { reason: RefusalReason };

function refuse(reason: RefusalReason): VerifyResult {
  return { ok: false, reason };
}

/** Values of headers and query, which the signed content may need; body values come after verification. */
function early(request: WebhookRequest, source: Src | undefined, missing: RefusalReason): Text {
  if (source === undefined || 'bodyPointer' in source) return { value: undefined };
  return required(lookUp(request, source), missing);
}

function late(request: WebhookRequest, source: Src | undefined, missing: RefusalReason): Text {
  if (source === undefined || !('bodyPointer' in source)) return { value: undefined };
  return required(lookUp(request, source), missing);
}

const macKeys = new WeakMap<Key, KeyObject>();

/** Made once per key: Node takes longer to find out what a Buffer is than to digest a small body. */
function macKey(key: Key): KeyObject {
  const known = macKeys.get(key) ?? createSecretKey(key.bytes);
  macKeys.set(key, known);
  return known;
}

/** Tries every key against every candidate, always all of them, so that time does not tell which one matched. */
function match(
  keys: Key[],
  pieces: Uint8Array[],
  candidates: Buffer[],
  algorithm: string,
): { key: Key; mac: Buffer } | undefined {
  let matched: { key: Key; mac: Buffer } | undefined;
  for (const key of keys) {
    const hmac = createHmac(algorithm, macKey(key));
    for (const piece of pieces) hmac.update(piece);
    const mac = hmac.digest();
    for (const candidate of candidates) {
      // Lengths are equal: candidates of another length were dropped before.
      const equal = timingSafeEqual(mac, candidate);
      matched = equal && matched === undefined ? { key, mac } : matched;
    }
  }
  return matched;
}

function judgeTime(
  scheme: MacScheme,
  text: string | undefined,
  now: Date,
): { time?: Date } | { reason: RefusalReason } {
  const rule = scheme.timestamp;
  if (rule === undefined || text === undefined || !rule.signed) return {};
  const milliseconds = parseTimestamp(text, rule.unit);
  if (milliseconds === undefined) return { reason: 'timestamp_malformed' };
  const judged = judgeTimestamp(milliseconds, rule, now);
  return judged === 'fresh' ? { time: new Date(milliseconds) } : { reason: `timestamp_${judged}` };
}

/** Verifies one keyed-signature scheme. Nothing of the body is read before the signature holds. */
export function verifyMac(
  scheme: MacScheme,
  name: string,
  request: WebhookRequest,
  secrets: readonly WebhookSecret[],
  now: Date,
): VerifyResult {
  const usable = usableKeys(secrets, scheme.secret);
  if ('reason' in usable) return refuse(usable.reason);
  const found = candidateSignatures(request.rawHeaders, scheme);
  if ('reason' in found) return refuse(found.reason);
  const stamp = early(request, scheme.timestamp?.source, 'timestamp_missing');
  if ('reason' in stamp) return refuse(stamp.reason);
  if (stamp.value !== undefined && scheme.timestamp !== undefined) {
    if (parseTimestamp(stamp.value, scheme.timestamp.unit) === undefined)
      return refuse('timestamp_malformed');
  }
  const id = early(request, scheme.id?.source, 'id_missing');
  if ('reason' in id) return refuse(id.reason);
  if (id.value !== undefined && !ID.test(id.value)) return refuse('id_malformed');
  const content = signedContent(scheme.content, {
    rawHeaders: request.rawHeaders,
    rawBody: request.rawBody,
    method: request.method,
    ...(stamp.value === undefined ? {} : { timestamp: stamp.value }),
    ...(id.value === undefined ? {} : { id: id.value }),
  });
  if ('reason' in content) return refuse(content.reason);
  const matched = match(usable.keys, content.pieces, found.candidates, scheme.algorithm);
  if (matched === undefined) return refuse('signature_mismatch');
  return afterMatch(scheme, name, request, now, matched, { stamp: stamp.value, id: id.value });
}

function afterMatch(
  scheme: MacScheme,
  name: string,
  request: WebhookRequest,
  now: Date,
  matched: { key: Key; mac: Buffer },
  seen: { stamp: string | undefined; id: string | undefined },
): VerifyResult {
  const bodyStamp = late(request, scheme.timestamp?.source, 'timestamp_missing');
  if ('reason' in bodyStamp) return refuse(bodyStamp.reason);
  const time = judgeTime(scheme, seen.stamp ?? bodyStamp.value, now);
  if ('reason' in time) return refuse(time.reason);
  const bodyId = late(request, scheme.id?.source, 'id_missing');
  // An id in the body that is missing is no failed proof: what to do then is the delivery key's question.
  const id = seen.id ?? ('reason' in bodyId ? undefined : bodyId.value);
  return {
    ok: true,
    secretId: matched.key.id,
    scheme: name,
    mac: matched.mac,
    ...(id === undefined || scheme.id === undefined ? {} : { id: { value: id, signed: scheme.id.signed } }),
    ...(time.time === undefined ? {} : { timestamp: time.time }),
  };
}
