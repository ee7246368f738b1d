import {
  isCollection,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import type { JsonObject } from '@ecluse/contracts';
import { EcluseError, ERRORS, type ErrorDetail } from '@ecluse/errors';
import { DocumentPlaces, type Place } from './document-places.js';

/** Longest document, in bytes of UTF-8: 256 KiB. */
export const MAX_DOCUMENT_LENGTH = 262_144;
/** Deepest nesting. */
const MAX_DEPTH = 64;
const TOO_DEEP = ['is nested too deeply', `at most ${String(MAX_DEPTH)} levels`, 'Flatten it.'] as const;
/** Most nodes that aliases may add up to; the library's own bound on expansion. */
const MAX_ALIASES = 100;

export const DOCUMENT_KINDS = ['Source', 'Connection', 'Flow'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

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
  /** Place of a 0-based offset inside a text value, in every scalar style. */
  placeInside(pointer: string, offset: number): Place;
}
type Fault = Omit<ErrorDetail, 'file' | 'code'>;

/**
 * Reads one YAML 1.2 (or JSON) document. Refused: more than 256 KiB, several documents, duplicate keys, own tags, the
 * key `__proto__`, more than 100 aliases, more than 64 levels.
 * Throws DOCUMENT_UNPARSABLE with file, line and column.
 */
export function parseDocument({ file, text }: DocumentText): ParsedDocument {
  const lines = new LineCounter();
  const document = oneDocument(text, lines);
  if ('faults' in document) throw unparsable(file, document.faults);
  const places = new DocumentPlaces(document.document, lines, text);
  const structural = structureFaults(document.document, lines);
  if (structural.length > 0) throw unparsable(file, structural);
  const value = toJson(document.document);
  if ('faults' in value) throw unparsable(file, value.faults);
  return {
    file,
    value: value.json,
    placeOf: (pointer) => places.placeOf(pointer),
    placeOfKey: (pointer) => places.placeOfKey(pointer),
    placeInside: (pointer, offset) => places.placeInside(pointer, offset),
  };
}

function oneDocument(text: string, lines: LineCounter): { document: Document } | { faults: Fault[] } {
  if (new TextEncoder().encode(text).length > MAX_DOCUMENT_LENGTH) {
    return fault('is too long', 'at most 256 KiB', 'Split it: one document per file.');
  }
  let documents: Document[];
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch {
    // The parser recurses; only nesting beyond any sense exhausts its stack.
    return fault(...TOO_DEEP);
  }
  const [document, second] = documents;
  if (document === undefined)
    return fault('is empty', 'one document', 'Write apiVersion, kind, metadata and spec.');
  // What follows the first fault is mostly its consequence.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem?.message.includes('call stack') === true) return fault(...TOO_DEEP);
  if (problem !== undefined) return { faults: [syntaxFault(lines, problem)] };
  if (second === undefined) return { document };
  const place = placeAt(lines, second.range?.[0] ?? 0);
  const told = fault(
    'holds several documents',
    'one document per file',
    'Put each document in a file of its own.',
  );
  return { faults: told.faults.map((each) => ({ ...each, ...place })) };
}

function structureFaults(document: Document, lines: LineCounter): Fault[] {
  const faults: Fault[] = [];
  const give = (node: Node, message: string, expected: string, remedy: string): void => {
    faults.push({ ...placeAt(lines, node.range?.[0] ?? 0), message, expected, remedy });
  };
  visit(document, {
    Collection: (_key, node, path) => {
      if (path.filter(isCollection).length < MAX_DEPTH) return undefined;
      give(node, ...TOO_DEEP);
      return visit.BREAK;
    },
    Alias: (_key, node) => {
      if (node.resolve(document) !== undefined) return;
      give(
        node,
        'is an alias of nothing',
        'an anchor (&) before it',
        'Correct the name, or write the value out.',
      );
    },
    Pair: (_key, { key }) => {
      if (!isScalar(key)) {
        if (isNode(key)) give(key, 'is not a text, which keys have to be', 'a text', 'Quote the key.');
      } else if (key.value === '__proto__') {
        give(key, '`__proto__` is not allowed as a key', 'another key', 'Remove it.');
      }
    },
  });
  return faults;
}

function toJson(document: Document): { json: JsonObject } | { faults: Fault[] } {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return fault('uses too many aliases', `at most ${String(MAX_ALIASES)}`, 'Write the values out.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fault(
      'is not a mapping',
      'apiVersion, kind, metadata and spec',
      'See docs/reference for the kinds.',
    );
  }
  // What YAML has beyond JSON becomes what JSON has for it.
  return { json: JSON.parse(JSON.stringify(value)) as JsonObject };
}

function syntaxFault(lines: LineCounter, problem: YAMLError): Fault {
  const message = problem.message.split('\n')[0] ?? problem.code;
  return { ...placeAt(lines, problem.pos[0]), message, remedy: 'Correct the syntax.' };
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function fault(message: string, expected: string, remedy: string): { faults: Fault[] } {
  return { faults: [{ line: 1, column: 1, message, expected, remedy }] };
}

function unparsable(file: string | undefined, faults: readonly Fault[]): EcluseError {
  const { code } = ERRORS.DOCUMENT_UNPARSABLE;
  const errors = faults.map((each) => ({ ...(file === undefined ? {} : { file }), ...each, code }));
  return new EcluseError('DOCUMENT_UNPARSABLE', { errors });
}
