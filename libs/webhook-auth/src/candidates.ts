import { decodeCanonical } from './encodings.js';
import { lookUpHeader, paramValues } from './headers.js';
import { MAX_CANDIDATES, type MacScheme } from './scheme.js';
import type { RefusalReason } from './refusal.js';

type Texts = { texts: string[] } | { reason: RefusalReason };
export type Candidates = { candidates: Buffer[] } | { reason: RefusalReason };

/** Bytes of a digest, by algorithm. */
export const DIGEST_BYTES = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

function numberedTexts(rawHeaders: readonly string[], header: string, max: number): Texts {
  const texts: string[] = [];
  for (let number = 1; number <= max; number += 1) {
    const lookup = lookUpHeader(rawHeaders, header.replace('{n}', String(number)));
    if ('repeated' in lookup) return { reason: 'header_repeated' };
    if ('found' in lookup) texts.push(lookup.found);
  }
  return texts.length === 0 ? { reason: 'signature_missing' } : { texts };
}

function cut(
  text: string,
  parse: Exclude<MacScheme['signature']['parse'], { type: 'numberedHeaders' }>,
): string[] {
  switch (parse.type) {
    case 'plain':
      return [text];
    case 'prefix':
      return text.startsWith(parse.prefix) ? [text.slice(parse.prefix.length)] : [];
    case 'kv':
      return paramValues(text, parse.param, parse.sep);
    case 'list': {
      const start = `${parse.tag}${parse.tagSep}`;
      return text
        .split(parse.sep)
        .filter((piece) => piece.startsWith(start))
        .map((piece) => piece.slice(start.length));
    }
  }
}

function signatureTexts(rawHeaders: readonly string[], signature: MacScheme['signature']): Texts {
  const { header, parse } = signature;
  if (parse.type === 'numberedHeaders') return numberedTexts(rawHeaders, header, parse.max);
  const lookup = lookUpHeader(rawHeaders, header);
  if ('repeated' in lookup) return { reason: 'header_repeated' };
  if ('missing' in lookup) return { reason: 'signature_missing' };
  return { texts: cut(lookup.found, parse) };
}

/** The request's signatures as bytes of the right length. Malformed ones drop out; more than the cap refuses. */
export function candidateSignatures(rawHeaders: readonly string[], scheme: MacScheme): Candidates {
  const found = signatureTexts(rawHeaders, scheme.signature);
  if ('reason' in found) return found;
  const cap = Math.min(scheme.signature.maxCandidates ?? MAX_CANDIDATES, MAX_CANDIDATES);
  if (found.texts.length > cap) return { reason: 'too_many_signatures' };
  const candidates = found.texts.flatMap((text) => {
    const bytes = decodeCanonical(text, scheme.signature.encoding);
    return bytes?.length === DIGEST_BYTES[scheme.algorithm] ? [bytes] : [];
  });
  return candidates.length === 0 ? { reason: 'signature_malformed' } : { candidates };
}
