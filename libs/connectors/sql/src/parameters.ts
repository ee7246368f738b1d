import type { JsonObject, JsonValue } from '@ecluse/contracts';

/** What parameters may refer to: the input's fields, `call`, and the first rows of earlier statements by name. */
export type Scope = Record<string, JsonValue | undefined>;

/** A path that leads into a row which the database did not return as declared. */
export interface MissingColumn {
  path: string;
}

/**
 * Values for a statement, in order. A field that the input leaves out is NULL. Objects and arrays are bound as JSON
 * text, so that `:lines::jsonb` works. A column that an earlier row lacks is an error of the operation.
 */
export function bindParameters(
  paths: readonly string[],
  scope: Scope,
  rowNames: ReadonlySet<string>,
): { values: (string | null)[] } | { missing: MissingColumn } {
  const values: (string | null)[] = [];
  for (const path of paths) {
    const [root = '', ...rest] = path.split('.');
    const value = rest.reduce<JsonValue | undefined>(
      fieldOf,
      Object.hasOwn(scope, root) ? scope[root] : undefined,
    );
    if (value === undefined && rowNames.has(root) && scope[root] !== null) return { missing: { path } };
    values.push(toText(value));
  }
  return { values };
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function toText(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The scope in which an operation's first statement runs. */
export function initialScope(input: JsonObject, callKey: string): Scope {
  return { ...input, call: { key: callKey } };
}
