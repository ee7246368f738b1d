import { isLiteral } from './content.js';
import type { Finding } from './finding.js';
import { POINTER } from './json-pointer.js';
import {
  MAC_ALGORITHMS,
  MAX_CANDIDATES,
  RESERVED_WORDS,
  SECRET_ENCODINGS,
  SIGNATURE_ENCODINGS,
  type MacScheme,
} from './scheme.js';
import { Shape } from './shape.js';

export const HEADER_NAME = /^[a-z0-9-]{1,100}$/;
const NUMBERED_HEADER = /^[a-z0-9-]{0,80}\{n\}[a-z0-9-]{0,20}$/;
/** Visible ASCII and space: a literal has the same bytes in every encoding. */
export const ASCII = /^[\x20-\x7e]{1,64}$/;
const HEADER_EXPECTED = 'a header name in lower case';
const RESERVED: ReadonlySet<string> = new Set(RESERVED_WORDS);

function lintSource(shape: Shape, value: unknown, pointer: string, allowBody: boolean): void {
  const source = shape.object(value, pointer, ['header', 'param', 'sep', 'query', 'bodyPointer']);
  if (source === undefined) return;
  const kinds = ['header', 'query', 'bodyPointer'].filter((key) => source[key] !== undefined);
  if (kinds.length !== 1) {
    shape.error(pointer, 'does not name exactly one place', 'one of header, query, bodyPointer');
    return;
  }
  if (kinds[0] !== 'header' && (source['param'] !== undefined || source['sep'] !== undefined))
    shape.error(pointer, 'param and sep belong to a header');
  if (kinds[0] === 'bodyPointer' && !allowBody)
    shape.error(
      `${pointer}/bodyPointer`,
      'the body may not be read before it is verified',
      'header or query',
    );
  shape.text(source['header'], `${pointer}/header`, HEADER_NAME, HEADER_EXPECTED, true);
  shape.text(source['param'], `${pointer}/param`, /^[A-Za-z0-9_-]{1,40}$/, 'a parameter name', true);
  shape.text(source['sep'], `${pointer}/sep`, ASCII, '1 to 64 ASCII characters', true);
  shape.text(source['query'], `${pointer}/query`, /^[\x21-\x7e]{1,100}$/, 'a query parameter name', true);
  shape.text(
    source['bodyPointer'],
    `${pointer}/bodyPointer`,
    POINTER,
    'a JSON pointer, for example /id',
    true,
  );
}

function lintSecret(shape: Shape, value: unknown): void {
  const secret = shape.object(value, '/secret', ['encoding', 'prefix', 'minBytes']);
  if (secret === undefined) return;
  shape.oneOf(secret['encoding'], '/secret/encoding', SECRET_ENCODINGS);
  shape.text(secret['prefix'], '/secret/prefix', ASCII, '1 to 64 ASCII characters', true);
  shape.integer(secret['minBytes'], '/secret/minBytes', 1, 1024, true);
}

const PARSE_KEYS: Record<string, readonly string[]> = {
  plain: [],
  prefix: ['prefix'],
  kv: ['sep', 'param'],
  list: ['sep', 'tagSep', 'tag'],
  numberedHeaders: ['max'],
};

function lintParse(shape: Shape, value: unknown): string | undefined {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  const keys = typeof type === 'string' && Object.hasOwn(PARSE_KEYS, type) ? PARSE_KEYS[type] : undefined;
  if (keys === undefined) {
    shape.error(
      '/signature/parse/type',
      'is not one of the known values',
      Object.keys(PARSE_KEYS).join(', '),
    );
    return undefined;
  }
  const parse = shape.object(value, '/signature/parse', ['type', ...keys]);
  for (const key of keys) {
    if (key === 'max') shape.integer(parse?.['max'], '/signature/parse/max', 1, MAX_CANDIDATES);
    else shape.text(parse?.[key], `/signature/parse/${key}`, ASCII, '1 to 64 ASCII characters');
  }
  return type as string;
}

function lintSignature(shape: Shape, value: unknown): void {
  const signature = shape.object(value, '/signature', ['header', 'encoding', 'parse', 'maxCandidates']);
  if (signature === undefined) return;
  shape.oneOf(signature['encoding'], '/signature/encoding', SIGNATURE_ENCODINGS);
  shape.integer(signature['maxCandidates'], '/signature/maxCandidates', 1, MAX_CANDIDATES, true);
  if (lintParse(shape, signature['parse']) === 'numberedHeaders')
    shape.text(signature['header'], '/signature/header', NUMBERED_HEADER, 'a header name with {n}');
  else shape.text(signature['header'], '/signature/header', HEADER_NAME, HEADER_EXPECTED);
}

function lintTimestamp(shape: Shape, value: unknown): void {
  const keys = ['source', 'unit', 'pastSeconds', 'futureSeconds', 'signed'];
  const timestamp = shape.object(value, '/timestamp', keys);
  if (timestamp === undefined) return;
  lintSource(shape, timestamp['source'], '/timestamp/source', true);
  shape.oneOf(timestamp['unit'], '/timestamp/unit', ['s', 'ms', 'rfc3339']);
  shape.integer(timestamp['pastSeconds'], '/timestamp/pastSeconds', 1, 86_400);
  shape.integer(timestamp['futureSeconds'], '/timestamp/futureSeconds', 1, 3_600);
  shape.boolean(timestamp['signed'], '/timestamp/signed');
}

function lintContent(shape: Shape, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0 || value.length > 16) {
    shape.error('/content', 'is not a list of parts', '1 to 16 parts, one of them body');
    return;
  }
  for (const [index, part] of (value as unknown[]).entries()) {
    const pointer = `/content/${String(index)}`;
    if (typeof part !== 'string') {
      const header = shape.object(part, pointer, ['header']);
      shape.text(header?.['header'], `${pointer}/header`, HEADER_NAME, HEADER_EXPECTED);
    } else if (RESERVED.has(part)) shape.error(pointer, `\`${part}\` is not available in this version`);
    else shape.text(part, pointer, ASCII, 'a word or 1 to 64 ASCII characters');
  }
  if ((value as unknown[]).filter((part) => part === 'body').length !== 1)
    shape.error('/content', 'the signature does not cover the body', '`body` exactly once');
}

/** Rules that need the whole scheme; its shape is known to be right. */
function lintMeaning(shape: Shape, scheme: MacScheme): void {
  if (scheme.algorithm === 'sha1' && scheme.legacy !== true)
    shape.error(
      '/algorithm',
      'sha1 is broken for new designs',
      '`legacy: true` beside it, if the sender has nothing else',
    );
  lintCovered(shape, scheme, 'timestamp');
  lintCovered(shape, scheme, 'id');
  for (const [index, part] of scheme.content.entries()) {
    const next = scheme.content[index + 1];
    if (part === 'body' || isLiteral(part) || next === undefined || next === 'body' || isLiteral(next))
      continue;
    shape.warn(
      `/content/${String(index)}`,
      'neighbours of variable length without a delimiter can be cut in another place',
      'put a literal between them, if the sender does',
    );
  }
  if (scheme.timestamp === undefined && scheme.id?.signed !== true)
    shape.warn(
      '',
      'a captured delivery can be sent again: neither time nor id is signed',
      'leave `dedupe.key` out, so that the body itself is the identity',
    );
}

function lintCovered(shape: Shape, scheme: MacScheme, word: 'timestamp' | 'id'): void {
  const rule = scheme[word];
  const inContent = scheme.content.includes(word);
  if (inContent && (rule === undefined || 'bodyPointer' in rule.source))
    shape.error(
      `/content`,
      `\`${word}\` is signed but its source is not a header or query`,
      `\`${word}.source\``,
    );
  if (rule === undefined) return;
  const covered = inContent || 'bodyPointer' in rule.source;
  if (rule.signed && !covered)
    shape.error(
      `/${word}/signed`,
      `the signature does not cover the ${word}`,
      `\`${word}\` in content, or \`signed: false\``,
    );
}

function lintMac(shape: Shape, value: unknown): void {
  const keys = ['kind', 'legacy', 'algorithm', 'secret', 'signature', 'timestamp', 'id', 'content'];
  const scheme = shape.object(value, '', keys);
  if (scheme === undefined) return;
  shape.boolean(scheme['legacy'], '/legacy', true);
  shape.oneOf(scheme['algorithm'], '/algorithm', MAC_ALGORITHMS);
  lintSecret(shape, scheme['secret']);
  lintSignature(shape, scheme['signature']);
  if (scheme['timestamp'] !== undefined) lintTimestamp(shape, scheme['timestamp']);
  if (scheme['id'] !== undefined) {
    const id = shape.object(scheme['id'], '/id', ['source', 'signed']);
    lintSource(shape, id?.['source'], '/id/source', true);
    shape.boolean(id?.['signed'], '/id/signed');
  }
  lintContent(shape, scheme['content']);
  if (shape.findings.length === 0) lintMeaning(shape, value as MacScheme);
}

function lintStatic(shape: Shape, value: unknown): void {
  const scheme = shape.object(value, '', ['kind', 'secret', 'token']);
  if (scheme === undefined) return;
  lintSecret(shape, scheme['secret']);
  const token = shape.object(scheme['token'], '/token', ['source', 'prefix']);
  lintSource(shape, token?.['source'], '/token/source', false);
  shape.text(token?.['prefix'], '/token/prefix', ASCII, '1 to 64 ASCII characters', true);
  shape.warn(
    '',
    'a shared secret proves the sender, not the content',
    'prefer a signature where the sender offers one',
  );
}

/**
 * Checks one scheme, in shape and in meaning. A scheme with an `error` is refused at save and, should it reach
 * the door all the same, there. Pointers are relative to the scheme.
 */
export function lintScheme(value: unknown): Finding[] {
  const shape = new Shape();
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  if (kind === 'mac') lintMac(shape, value);
  else if (kind === 'static') lintStatic(shape, value);
  else shape.error('/kind', 'is not one of the known values', 'mac, static');
  return shape.findings;
}
