import { EcluseError } from '@ecluse/errors';
import { JsonScanner, type JsonLimits } from './json-scanner.js';

const BOM = 0xfeff;

function malformed(detail: string, cause?: unknown): EcluseError {
  return new EcluseError('BODY_MALFORMED', { detail, ...(cause === undefined ? {} : { cause }) });
}

/** Text of a body. Throws BODY_MALFORMED for anything but UTF-8; one byte-order mark is taken off. */
export function decodeUtf8(body: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw malformed('the body is not UTF-8');
  }
  return text.charCodeAt(0) === BOM ? text.slice(1) : text;
}

/**
 * Parses a verified body under structural limits, which are checked before V8 builds anything. Throws
 * BODY_MALFORMED without showing any of the body: V8's own message quotes it.
 *
 * `__proto__` becomes an own property of the result, as JSON says; nothing here merges or assigns from it.
 */
export function parseStrictJson(body: Uint8Array, limits: JsonLimits): unknown {
  const text = decodeUtf8(body);
  const fault = new JsonScanner(text, limits).scan();
  if (fault !== undefined) throw malformed(fault);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('the body is not JSON');
  }
}
