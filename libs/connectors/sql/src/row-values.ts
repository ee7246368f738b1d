import type { CustomTypesConfig } from 'pg';

// OIDs of PostgreSQL's built-in types.
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  114: (text) => JSON.parse(text) as unknown,
  3802: (text) => JSON.parse(text) as unknown,
};

/**
 * Rows as JSON values: booleans, small integers, floats and JSON as themselves, everything else as PostgreSQL's
 * text. `numeric` and `bigint` stay text because a JSON number would lose digits, times because Date would lose microseconds.
 */
export const ROW_TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number) => (text: string | null) =>
    text === null ? null : (PARSERS[oid]?.(text) ?? text),
};
