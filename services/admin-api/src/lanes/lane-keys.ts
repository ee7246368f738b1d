import { createHash } from 'node:crypto';
import type { JsonValue } from '@ecluse/contracts';

/** Characters of a lane key. */
const KEY_LENGTH = 32;

/**
 * Lane keys that the door would make of a business key found at one of these paths. A query holds text: what reads as
 * a number is looked for as a number too.
 */
export function laneKeysOf(paths: readonly string[], key: string): string[] {
  return paths.flatMap((path) => valuesOf(key).map((value) => laneKeyOf(path, value)));
}

function laneKeyOf(path: string, value: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify([path, value]))
    .digest('hex')
    .slice(0, KEY_LENGTH);
}

function valuesOf(key: string): JsonValue[] {
  const number = Number(key);
  return String(number) === key && Number.isFinite(number) ? [key, number] : [key];
}
