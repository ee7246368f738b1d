import { createHash } from 'node:crypto';
import { lookUpHeader, readPointer, type Verified } from '@ecluse/webhook-auth';
import type { DedupePolicy, KeySource } from './source-policy.js';

/** Longest key stored as sent, characters; longer ones are stored as their hash. */
const MAX_KEY_LENGTH = 200;
/** Visible ASCII: keys are shown to people and written to logs. */
const PLAIN = /^[\x21-\x7e]+$/;
/** Prefixes that this file gives; a sender's own key that starts so is hashed, so that the two cannot meet. */
const RESERVED = /^(?:sha256|body):/;

export interface KeyInput {
  rawHeaders: readonly string[];
  document: unknown;
  verified: Verified;
  /** SHA-256 of the raw body, hex. */
  bodySha256: string;
}

function part(source: KeySource, input: KeyInput): string | undefined {
  if ('signed' in source) return input.verified.id?.signed === true ? input.verified.id.value : undefined;
  if ('header' in source) {
    // A header that occurs twice has no value that both sides agree about.
    const lookup = lookUpHeader(input.rawHeaders, source.header);
    return 'found' in lookup && lookup.found !== '' ? lookup.found : undefined;
  }
  const value = readPointer(input.document, source.bodyPointer);
  if (typeof value === 'string' && value !== '') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Joins parts so that no two lists of parts give the same text. */
function join(parts: string[]): string {
  if (parts.length === 1) return parts[0] ?? '';
  return parts.map((text) => text.replace(/[%:]/g, encodeURIComponent)).join(':');
}

function storable(key: string): string {
  if (key.length <= MAX_KEY_LENGTH && PLAIN.test(key) && !RESERVED.test(key)) return key;
  return `sha256:${createHash('sha256').update(key, 'utf8').digest('hex')}`;
}

/** The key under which repetitions are recognised; undefined when the source names one and it is not there. */
export function deliveryKey(policy: DedupePolicy, input: KeyInput): string | undefined {
  const parts = policy.key.map((source) => part(source, input));
  if (parts.every((text) => text !== undefined)) return storable(join(parts));
  return policy.fallback === 'bodyHash' ? `body:${input.bodySha256}` : undefined;
}
