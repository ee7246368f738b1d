/** Shape of an RFC 6901 pointer below the root. */
export const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;

/** Value at an RFC 6901 pointer; undefined when there is none. Own properties only. */
export function readPointer(document: unknown, pointer: string): unknown {
  if (!POINTER.test(pointer)) return undefined;
  let value = document;
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
