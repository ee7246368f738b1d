import { EcluseError } from '@ecluse/errors';

/** The thing, or NOT_FOUND: one answer for what does not exist and for what belongs to another tenant. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new EcluseError('NOT_FOUND', { detail: `No such ${what}` });
  return thing;
}
