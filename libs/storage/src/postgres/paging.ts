import type { Page } from '@ecluse/contracts';
import type { PageRequest } from '../admin.js';
import { decodeCursor, encodeCursor, type CursorKeys } from '../page-cursor.js';

const MAX_LIMIT = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = /^\d{1,15}$/;
const MICROSECONDS = /^\d{1,16}$/;
const NAME = /^[a-z0-9-]{1,63}$/;
const LANE_KEY = /^(?:[0-9a-f]{32}|-)$/;

/** Sort keys as a cursor carries them. Times are microseconds since 1970: a JavaScript date would lose digits. */
export const CURSOR_SHAPES = {
  name: [NAME],
  number: [NUMBER],
  timeAndId: [MICROSECONDS, UUID],
  lane: [NAME, LANE_KEY],
} as const;

/** SQL of a time as cursor key, and back. The names are columns and parameters of our own statements. */
export function microseconds(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;
}
export function fromMicroseconds(parameter: string): string {
  return `(timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond')`;
}

/** True for what PostgreSQL takes as a UUID in our spelling; anything else names nothing. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Keys of the page's start; nulls for the first page, so that one statement serves both. */
export function pageStart(page: PageRequest, shape: readonly RegExp[]): (string | null)[] {
  return page.cursor === undefined ? shape.map(() => null) : decodeCursor(page.cursor, shape);
}

/** Rows to ask for: one more than the page, which tells whether there is a next one. */
export function fetchLimit(page: PageRequest): number {
  return Math.min(Math.max(page.limit, 1), MAX_LIMIT) + 1;
}

export function pageOf<Row, View>(
  rows: readonly Row[],
  page: PageRequest,
  keysOf: (row: Row) => CursorKeys,
  viewOf: (row: Row) => View,
): Page<View> {
  const shown = rows.slice(0, fetchLimit(page) - 1);
  const last = shown.at(-1);
  const more = rows.length > shown.length && last !== undefined;
  return { items: shown.map(viewOf), nextCursor: more ? encodeCursor(keysOf(last)) : null };
}
