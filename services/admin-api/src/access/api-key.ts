import { createHash, timingSafeEqual } from 'node:crypto';

/** `ecl_<key id>_<secret>`: 12 characters of base32 and 32 random bytes as base64url. */
const API_KEY = /^ecl_([a-z2-7]{12})_([A-Za-z0-9_-]{43})$/;

export interface PresentedKey {
  keyId: string;
  secret: string;
}

/** Reads `Authorization: Bearer <API key>`; undefined for anything else. */
export function readApiKey(authorization: string | undefined): PresentedKey | undefined {
  const [scheme, token, ...rest] = (authorization ?? '').split(' ');
  const match = rest.length === 0 && scheme?.toLowerCase() === 'bearer' ? API_KEY.exec(token ?? '') : null;
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { keyId: match[1], secret: match[2] };
}

/** Compares in constant time. An unknown key is compared with zeros, so that it takes as long as a known one. */
export function secretMatches(secret: string, storedSha256: string | undefined): boolean {
  const presented = createHash('sha256').update(secret).digest();
  const stored = Buffer.from(storedSha256 ?? '', 'hex');
  const comparable = stored.length === presented.length ? stored : Buffer.alloc(presented.length);
  return timingSafeEqual(presented, comparable) && comparable === stored;
}
