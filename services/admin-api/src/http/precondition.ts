import { EcluseError } from '@ecluse/errors';

/** Strong entity tag of a row version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The row version of an `If-Match` header; undefined without one. Throws REQUEST_INVALID for what is no tag of ours. */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: 'If-Match: expected one ETag as sent by this API, for example "3"',
    });
  }
  return Number(version);
}
