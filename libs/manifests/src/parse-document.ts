import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml';
import type { JsonObject } from '@ecluse/contracts';
import { EcluseError, type ErrorDetail } from '@ecluse/errors';
import { segmentsOf } from './pointer.js';

/** Longest document, in characters. */
export const MAX_DOCUMENT_LENGTH = 262_144;

export const DOCUMENT_KINDS = ['Source', 'Connection', 'Flow'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** 1-based place in a document. */
export interface Place {
  line: number;
  column: number;
}
export interface DocumentText {
  /** As the user named it; only for messages. */
  file?: string;
  text: string;
}
/** A readable document, not yet checked beyond being a YAML mapping. */
export interface ParsedDocument {
  file: string | undefined;
  value: JsonObject;
  /** Place of a value, or of the nearest enclosing one. */
  placeOf(pointer: string): Place;
  /** Place of a key, for an error about the key itself. */
  placeOfKey(pointer: string): Place;
  /** Place of a 0-based offset inside a text value; exact in plain and block scalars, else the value's start. */
  placeInside(pointer: string, offset: number): Place;
}

/**
 * Reads one YAML (or JSON) document. Duplicate keys, several documents and more than 100 aliases are refused.
 * Throws DOCUMENT_UNPARSABLE with file, line and column.
 */
export function parseDocument({ file, text }: DocumentText): ParsedDocument {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    throw unparsable([
      {
        ...named(file),
        message: 'is too long',
        expected: `at most ${String(MAX_DOCUMENT_LENGTH)} characters`,
      },
    ]);
  }
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true });
  const [document, ...more] = Array.isArray(parsed) ? parsed : [];
  if (document === undefined)
    throw unparsable([{ ...named(file), message: 'is empty', expected: 'one document' }]);
  if (more.length > 0)
    throw unparsable([
      { ...named(file), message: 'holds several documents', expected: 'one document per file' },
    ]);
  if (document.errors.length > 0)
    throw unparsable(document.errors.map((error) => syntaxDetail(file, lines, error)));
  return { file, value: toJson(document, file), ...placesOf(document, lines, text) };
}

function toJson(document: Document, file: string | undefined): JsonObject {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    throw unparsable([{ ...named(file), message: 'uses too many aliases', expected: 'at most 100' }]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unparsable([
      {
        ...named(file),
        line: 1,
        column: 1,
        message: 'is not a mapping',
        expected: 'apiVersion, kind, metadata and spec',
      },
    ]);
  }
  // Dates and other YAML types become what JSON has for them.
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function syntaxDetail(
  file: string | undefined,
  lines: LineCounter,
  error: { pos: [number, number]; code: string; message: string },
): ErrorDetail {
  const { line, col } = lines.linePos(error.pos[0]);
  const message = error.message.split(' at line ')[0]?.split('\n')[0] ?? error.code;
  return { ...named(file), line, column: col, message };
}

function placesOf(
  document: Document,
  lines: LineCounter,
  text: string,
): Omit<ParsedDocument, 'file' | 'value'> {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const startOf = (node: Node | undefined): number => node?.range?.[0] ?? 0;
  return {
    placeOf: (pointer) => at(startOf(nearest(document, segmentsOf(pointer)))),
    placeOfKey: (pointer) =>
      at(keyStart(document, segmentsOf(pointer)) ?? startOf(nearest(document, segmentsOf(pointer)))),
    placeInside: (pointer, offset) => at(offsetInside(nearest(document, segmentsOf(pointer)), text, offset)),
  };
}

/** The node at the path, or the deepest one on the way that exists. */
function nearest(document: Document, path: string[]): Node | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const found: unknown =
      length === 0 ? document.contents : document.getIn(typed(document, path.slice(0, length)), true);
    if (isNode(found)) return found;
  }
  return undefined;
}

/** Array indices as numbers, as `getIn` wants them. */
function typed(document: Document, path: string[]): (string | number)[] {
  const result: (string | number)[] = [];
  for (const segment of path) {
    const parent: unknown = result.length === 0 ? document.contents : document.getIn(result, true);
    result.push(isSeq(parent) ? Number(segment) : segment);
  }
  return result;
}

function keyStart(document: Document, path: string[]): number | undefined {
  const parent = nearest(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1),
  );
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

/** Walks the source of a scalar in step with its value: indentation of block scalars is skipped. */
function offsetInside(node: Node | undefined, text: string, offset: number): number {
  const start = node?.range?.[0] ?? 0;
  if (!isScalar(node) || typeof node.value !== 'string' || node.range == null) return start;
  const source = text.slice(start, node.range[1]);
  const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  const firstLine = block ? source.indexOf('\n') + 1 : 0;
  let at = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : firstLine;
  for (let index = 0; index < offset && at < source.length; index += 1) {
    at = nextMatch(source, at, node.value[index] ?? '') + 1;
  }
  if (block) at = nextMatch(source, at, node.value[offset] ?? '');
  return start + Math.min(at, Math.max(0, source.length - 1));
}

/** Where the source shows `wanted` next; a folded line break may be shown as a blank. */
function nextMatch(source: string, from: number, wanted: string): number {
  const found = source.indexOf(wanted === ' ' && source[from] === '\n' ? '\n' : wanted, from);
  return found < 0 ? from : found;
}

function named(file: string | undefined): { file?: string } {
  return file === undefined ? {} : { file };
}

function unparsable(errors: ErrorDetail[]): EcluseError {
  return new EcluseError('DOCUMENT_UNPARSABLE', { errors });
}
