import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { JsonObject } from '@ecluse/contracts';

const ajv = new Ajv2020({ allErrors: true, strict: false, coerceTypes: false, logger: false });
ajvFormats.default(ajv);

// Keyed by the schema object itself: a connection read anew gets a new entry, the old one is collected.
const compiled = new WeakMap<JsonObject, ValidateFunction>();

/** Compiles an operation's input schema. Throws when it is no JSON Schema (2020-12). */
export function compileInputSchema(schema: JsonObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** Most violations named to an operator. */
const MOST_NAMED = 5;

/** What is wrong with the input, by place and rule, never by value; null when nothing is. */
export function describeInvalidInput(schema: JsonObject, input: JsonObject): string | null {
  const validate = compileInputSchema(schema);
  if (validate(input)) return null;
  const errors = validate.errors ?? [];
  const named = errors.slice(0, MOST_NAMED).map(describe).join('; ');
  return `The mapped input does not fit the operation: ${named}${errors.length > MOST_NAMED ? '; …' : ''}.`;
}

/** ajv's `params` and `instancePath` can repeat the input (property names, enum values); the schema's own words cannot. */
function describe(error: ErrorObject): string {
  const place = `/${error.schemaPath
    .split('/')
    .slice(1, -1)
    .filter((segment) => segment !== 'properties')
    .join('/')}`;
  const parameters = error.params as Record<string, unknown>;
  const limit =
    parameters['missingProperty'] ?? parameters['type'] ?? parameters['limit'] ?? parameters['format'];
  return typeof limit === 'string' || typeof limit === 'number'
    ? `${place} ${error.keyword} ${String(limit)}`
    : `${place} ${error.keyword}`;
}
