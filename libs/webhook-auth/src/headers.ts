import type { HeaderSource, QuerySource } from './scheme.js';

/** A value looked up in a request: found once, absent, or there more than once. */
export type Lookup = { found: string } | { missing: true } | { repeated: true };

const MISSING: Lookup = { missing: true };
const REPEATED: Lookup = { repeated: true };

function once(values: readonly string[]): Lookup {
  const [first] = values;
  if (first === undefined) return MISSING;
  return values.length === 1 ? { found: first } : REPEATED;
}

/**
 * Reads one header from Node's `rawHeaders` (name, value, name, value …). The merged header object must not be
 * used: it joins most repeated headers and drops the second `Authorization`, so a repeated one goes unseen.
 */
export function lookUpHeader(rawHeaders: readonly string[], name: string): Lookup {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? '';
    // Lengths first: a verification looks up several headers, and most of a request's are others.
    if (header.length === wanted.length && header.toLowerCase() === wanted)
      values.push(rawHeaders[index + 1] ?? '');
  }
  return once(values);
}

/** Values of `param` in `a=1,b=2`; no whitespace is forgiven. */
export function paramValues(text: string, param: string, separator: string): string[] {
  const start = `${param}=`;
  return text
    .split(separator)
    .filter((piece) => piece.startsWith(start))
    .map((piece) => piece.slice(start.length));
}

/** Reads a header or one parameter of it. */
export function lookUpHeaderSource(rawHeaders: readonly string[], source: HeaderSource): Lookup {
  const header = lookUpHeader(rawHeaders, source.header);
  if (!('found' in header) || source.param === undefined) return header;
  return once(paramValues(header.found, source.param, source.sep ?? ','));
}

/** Reads one query parameter of a raw request target. */
export function lookUpQuery(url: string, source: QuerySource): Lookup {
  const mark = url.indexOf('?');
  if (mark < 0) return MISSING;
  return once(new URLSearchParams(url.slice(mark + 1)).getAll(source.query));
}
