import { decodeSecret } from './encodings.js';
import type { WebhookSecret } from './request.js';
import { MAX_SECRETS, type SecretFormat } from './scheme.js';

/** Key bytes with the id of the secret they came from. */
export interface Key {
  id: string;
  bytes: Buffer;
}
export type Keys = { keys: Key[] } | { reason: 'no_secret' | 'too_many_secrets' | 'secret_unusable' };

/** Key bytes of one stored value; undefined when it is empty, blank, too short or not decodable. */
export function keyBytes(value: string, format: SecretFormat): Buffer | undefined {
  const { encoding, prefix, minBytes = 1 } = format;
  const text = prefix !== undefined && value.startsWith(prefix) ? value.slice(prefix.length) : value;
  // An empty HMAC key verifies for anyone who guesses that it is empty.
  if (text.trim() === '') return undefined;
  const bytes = decodeSecret(text, encoding);
  return bytes === undefined || bytes.length < minBytes ? undefined : bytes;
}

/** Decoded once per list of secrets and format: lists are replaced, not changed. */
const decoded = new WeakMap<readonly WebhookSecret[], WeakMap<SecretFormat, Keys>>();

/** Usable keys of a source. Unusable values are left out; none left is a configuration fault. */
export function usableKeys(secrets: readonly WebhookSecret[], format: SecretFormat): Keys {
  const formats = decoded.get(secrets) ?? new WeakMap<SecretFormat, Keys>();
  const known = formats.get(format);
  if (known !== undefined) return known;
  const keys = decode(secrets, format);
  decoded.set(secrets, formats.set(format, keys));
  return keys;
}

function decode(secrets: readonly WebhookSecret[], format: SecretFormat): Keys {
  if (secrets.length === 0) return { reason: 'no_secret' };
  if (secrets.length > MAX_SECRETS) return { reason: 'too_many_secrets' };
  const keys = secrets.flatMap(({ id, value }) => {
    const bytes = keyBytes(value, format);
    return bytes === undefined ? [] : [{ id, bytes }];
  });
  return keys.length === 0 ? { reason: 'secret_unusable' } : { keys };
}
