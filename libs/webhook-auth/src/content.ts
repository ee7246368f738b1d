import { lookUpHeader } from './headers.js';
import type { RefusalReason } from './refusal.js';
import { CONTENT_WORDS, type MacScheme, type Part } from './scheme.js';

/** Values that the content refers to. */
export interface ContentValues {
  rawHeaders: readonly string[];
  rawBody: Uint8Array;
  method: string;
  timestamp?: string;
  id?: string;
}
type Value = { text: string } | { reason: RefusalReason };

const WORDS: ReadonlySet<string> = new Set(CONTENT_WORDS);

/** True for a string that stands for itself. */
export function isLiteral(part: Part): part is string {
  return typeof part === 'string' && !WORDS.has(part);
}

function valueOf(part: Exclude<Part, 'body'>, values: ContentValues): Value {
  if (typeof part !== 'string') {
    const lookup = lookUpHeader(values.rawHeaders, part.header);
    if ('found' in lookup) return { text: lookup.found };
    return { reason: 'repeated' in lookup ? 'header_repeated' : 'header_missing' };
  }
  if (part === 'timestamp')
    return values.timestamp === undefined ? { reason: 'timestamp_missing' } : { text: values.timestamp };
  if (part === 'id') return values.id === undefined ? { reason: 'id_missing' } : { text: values.id };
  return { text: part === 'method' ? values.method : part };
}

/** The same signed bytes, cut at another place, would verify under another id. */
function swallowsDelimiter(part: Part, text: string, next: Part | undefined): boolean {
  const free = part === 'id' || typeof part !== 'string';
  return free && next !== undefined && isLiteral(next) && text.includes(next);
}

/** The bytes that were signed, in order; or why there are none. */
export function signedContent(
  content: MacScheme['content'],
  values: ContentValues,
): { pieces: Uint8Array[] } | { reason: RefusalReason } {
  const pieces: Uint8Array[] = [];
  for (const [index, part] of content.entries()) {
    if (part === 'body') {
      pieces.push(values.rawBody);
      continue;
    }
    const value = valueOf(part, values);
    if ('reason' in value) return value;
    if (swallowsDelimiter(part, value.text, content[index + 1]))
      return { reason: part === 'id' ? 'id_malformed' : 'header_malformed' };
    // Node hands header bytes over as latin1; this restores them. Literals of a scheme are ASCII (lint).
    pieces.push(Buffer.from(value.text, 'latin1'));
  }
  return { pieces };
}
