import { EcluseError } from '@ecluse/errors';

/** Keys of the last row of a page, in the order of the list's sort; texts keep PostgreSQL's full precision. */
export type CursorKeys = readonly (string | number)[];

/** Longest cursor read, in characters; ours are under 300. */
const MAX_CURSOR = 1024;

/** Opaque to clients. It carries only sort keys of rows that the client was shown, so it needs no signature. */
export function encodeCursor(keys: CursorKeys): string {
  return Buffer.from(JSON.stringify(keys), 'utf8').toString('base64url');
}

/**
 * Reads a cursor whose keys match `shape`, in order. Throws REQUEST_INVALID for anything else: the values are
 * still input, so they only ever become bound parameters.
 */
export function decodeCursor(cursor: string, shape: readonly RegExp[]): string[] {
  const keys = parse(cursor);
  const valid =
    keys?.length === shape.length && shape.every((pattern, index) => pattern.test(keys[index] ?? ''));
  if (keys === undefined || !valid) {
    throw new EcluseError('REQUEST_INVALID', {
      errors: [
        {
          pointer: '/cursor',
          message: 'not a cursor of this list',
          remedy: 'Send `nextCursor` of the page before.',
        },
      ],
    });
  }
  return keys;
}

function parse(cursor: string): string[] | undefined {
  if (cursor.length > MAX_CURSOR || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(value)) return undefined;
    const keys: unknown[] = value;
    const texts = keys.map((key) =>
      typeof key === 'string' || typeof key === 'number' ? String(key) : undefined,
    );
    return texts.every((text) => text !== undefined) ? texts : undefined;
  } catch {
    return undefined;
  }
}
