import type { JsonObject } from '@ecluse/contracts';
import { EcluseError, type ErrorDetail, type ErrorName, ERRORS } from '@ecluse/errors';
import { checkSchema, MAX_ERRORS } from './check-schema.js';
import {
  parseDocument,
  type DocumentKind,
  type DocumentText,
  type ParsedDocument,
} from './parse-document.js';
import { API_VERSION } from './schemas/common.js';
import { CONNECTION_SCHEMA } from './schemas/connection.js';
import { FLOW_SCHEMA } from './schemas/flow.js';
import { SOURCE_SCHEMA } from './schemas/source.js';

/** The published JSON Schemas, by kind. */
export const SCHEMAS: Readonly<Record<DocumentKind, JsonObject>> = {
  Source: SOURCE_SCHEMA,
  Connection: CONNECTION_SCHEMA,
  Flow: FLOW_SCHEMA,
};

/** A document whose shape is valid. */
export interface ValidDocument {
  parsed: ParsedDocument;
  name: string;
  tenant: string;
  spec: JsonObject;
}

/** Something wrong at a pointer below `spec`. */
export interface SpecFault {
  /** RFC 6901, below `/spec`. */
  pointer: string;
  /** 0-based offset inside the text value there. */
  offset?: number;
  message: string;
  expected?: string | undefined;
  remedy?: string | undefined;
}

/**
 * Reads a document of one kind and checks its shape. `expected.name` is the name that the caller addressed.
 * Throws DOCUMENT_UNPARSABLE, DOCUMENT_INVALID, TENANT_MISMATCH, each with file, line and column.
 */
export function readDocument(
  kind: DocumentKind,
  text: DocumentText,
  expected: { tenant: string; name: string },
): ValidDocument {
  const parsed = parseDocument(text);
  // With another kind or version nothing else that the schema says would help.
  for (const [field, value] of [
    ['apiVersion', API_VERSION],
    ['kind', kind],
  ] as const) {
    if (field in parsed.value && parsed.value[field] !== value)
      throw mismatch(parsed, `/${field}`, value, 'DOCUMENT_INVALID');
  }
  const faults = checkSchema(SCHEMAS[kind], parsed.value);
  if (faults.length > 0) {
    throw new EcluseError('DOCUMENT_INVALID', {
      errors: faults.map(({ pointer, key, detail }) => ({
        ...place(parsed, key ? parsed.placeOfKey(pointer) : parsed.placeOf(pointer)),
        pointer,
        code: ERRORS.DOCUMENT_INVALID.code,
        ...detail,
      })),
    });
  }
  const { metadata, spec } = parsed.value as { metadata: { name: string; tenant: string }; spec: JsonObject };
  if (metadata.tenant !== expected.tenant)
    throw mismatch(parsed, '/metadata/tenant', expected.tenant, 'TENANT_MISMATCH');
  if (metadata.name !== expected.name)
    throw mismatch(parsed, '/metadata/name', expected.name, 'DOCUMENT_INVALID');
  return { parsed, ...metadata, spec };
}

/** Throws `name` with the faults' places; returns when there are none. */
export function refuse(document: ValidDocument, name: ErrorName, faults: readonly SpecFault[]): void {
  if (faults.length === 0) return;
  throw new EcluseError(name, {
    errors: faults.slice(0, MAX_ERRORS).map((fault) => toDetail(document, name, fault)),
  });
}

/** The error entry of a fault, with its place in the file. */
export function toDetail({ parsed }: ValidDocument, name: ErrorName, fault: SpecFault): ErrorDetail {
  const pointer = `/spec${fault.pointer}`;
  const { offset, message, expected, remedy } = fault;
  const where = offset === undefined ? parsed.placeOf(pointer) : parsed.placeInside(pointer, offset);
  return {
    ...place(parsed, where),
    pointer,
    code: ERRORS[name].code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function mismatch(parsed: ParsedDocument, pointer: string, expected: string, name: ErrorName): EcluseError {
  const error: ErrorDetail = {
    ...place(parsed, parsed.placeOf(pointer)),
    pointer,
    code: ERRORS[name].code,
    message: `is not the ${pointer.split('/').at(-1) ?? 'value'} of this request`,
    expected,
    remedy: ERRORS[name].remedy,
  };
  return new EcluseError(name, { errors: [error] });
}

function place(parsed: ParsedDocument, { line, column }: { line: number; column: number }): ErrorDetail {
  return { ...(parsed.file === undefined ? {} : { file: parsed.file }), line, column, message: '' };
}
