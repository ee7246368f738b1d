import type { SecretEncoding, SignatureEncoding } from './scheme.js';

const HEX = /^(?:[0-9a-f]{2})+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Decodes canonical text only; undefined for anything else. Node's decoders skip what they do not know and
 * ignore stray bits, so that several spellings would verify as one: hex must be lower case, base64 padded.
 */
export function decodeCanonical(text: string, encoding: SignatureEncoding): Buffer | undefined {
  if (text === '') return undefined;
  const pattern = { hex: HEX, base64: BASE64, base64url: BASE64URL }[encoding];
  if (!pattern.test(text)) return undefined;
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : undefined;
}

/** Key bytes of a secret's text; hex in either case, because people paste secrets. Undefined when not decodable. */
export function decodeSecret(text: string, encoding: SecretEncoding): Buffer | undefined {
  if (encoding === 'utf8') return Buffer.from(text, 'utf8');
  if (encoding === 'hex') return decodeCanonical(text.toLowerCase(), 'hex');
  return decodeCanonical(text, encoding);
}
