import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { EcluseError, type ErrorDetail } from '@ecluse/errors';
import { errorCode } from '@ecluse/local-stack';
import { LineCounter, parseAllDocuments } from 'yaml';

/** Kinds of documents, in the order in which they must exist. */
export const DOCUMENT_KINDS = ['Source', 'Connection', 'Flow'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** One file that can be sent to the admin API. */
export interface DocumentFile {
  readonly file: string;
  readonly kind: DocumentKind;
  readonly name: string;
  readonly text: string;
}

/**
 * Reads one file, or all `.yaml`, `.yml` and `.json` files directly in a folder, sources first and flows last.
 * Only kind and name are looked at here: the admin API checks the rest.
 * Throws `USAGE` when there is nothing to read, `DOCUMENT_INVALID` naming every place that is wrong.
 */
export async function readDocuments(path: string): Promise<DocumentFile[]> {
  const files = await listFiles(path);
  const read = await Promise.all(
    files.map(async (file) => identify(basename(file), await readFile(file, 'utf8'))),
  );
  const errors = read.flatMap((result) => ('errors' in result ? result.errors : []));
  if (errors.length > 0) throw new EcluseError('DOCUMENT_INVALID', { detail: path, errors });
  const documents = read.flatMap((result) => ('document' in result ? [result.document] : []));
  if (documents.length === 0)
    throw new EcluseError('USAGE', { detail: `no .yaml, .yml or .json document in ${path}` });
  return documents.sort(
    (a, b) => DOCUMENT_KINDS.indexOf(a.kind) - DOCUMENT_KINDS.indexOf(b.kind) || a.name.localeCompare(b.name),
  );
}

async function listFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => ['.yaml', '.yml', '.json'].includes(extname(name)));
    return names.sort().map((name) => join(path, name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new EcluseError('USAGE', { detail: `${path} does not exist` });
    throw error;
  }
}

/** Finds kind and name of a document's text. */
export function identify(file: string, text: string): { document: DocumentFile } | { errors: ErrorDetail[] } {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter });
  const [first, ...more] = Array.isArray(documents) ? documents : [];
  if (first === undefined) return { errors: [{ file, message: 'the file is empty' }] };
  if (more.length > 0)
    return {
      errors: [{ file, message: 'several documents in one file', expected: 'one document per file' }],
    };
  if (first.errors.length > 0) {
    return {
      errors: first.errors.map(({ message, pos }) => {
        const { line, col } = lineCounter.linePos(pos[0]);
        return { file, line, column: col, message: message.split('\n')[0] ?? 'unreadable' };
      }),
    };
  }
  return fromFields(file, text, first.get('kind'), first.getIn(['metadata', 'name']));
}

function fromFields(
  file: string,
  text: string,
  kind: unknown,
  name: unknown,
): { document: DocumentFile } | { errors: ErrorDetail[] } {
  const known = DOCUMENT_KINDS.find((each) => each === kind);
  const errors: ErrorDetail[] = [];
  if (known === undefined) {
    errors.push({
      file,
      pointer: '/kind',
      message: 'unknown kind',
      expected: `one of ${DOCUMENT_KINDS.join(', ')}`,
    });
  }
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    errors.push({
      file,
      pointer: '/metadata/name',
      message: 'no usable name',
      expected: '1 to 63 of a-z, 0-9 and -',
    });
  }
  if (known === undefined || typeof name !== 'string' || errors.length > 0) return { errors };
  return { document: { file, kind: known, name, text } };
}
