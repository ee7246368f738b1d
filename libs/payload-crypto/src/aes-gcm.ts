import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EcluseError } from '@ecluse/errors';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Bytes of an AES-256 key. */
export const KEY_BYTES = 32;

/** AES-256-GCM: nonce(12) ‖ ciphertext ‖ tag(16), a fresh random nonce each time. */
export function encryptBytes(key: Buffer, plain: Uint8Array, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad, 'utf8'));
  const body = cipher.update(plain);
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** Throws CIPHERTEXT_INVALID when anything was changed: key, nonce, text, tag or `aad`. */
export function decryptBytes(key: Buffer, sealed: Uint8Array, aad: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw ciphertextInvalid('too short');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw ciphertextInvalid('altered, or sealed for another place');
  }
}

/** `detail` never holds a byte of key, text or plaintext. */
export function ciphertextInvalid(detail: string): EcluseError {
  return new EcluseError('CIPHERTEXT_INVALID', { detail });
}
