import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '@ecluse/contracts';
import type { ErrorDetail } from '@ecluse/errors';
import { nearestName } from './nearest-name.js';
import { escapeSegment } from './pointer.js';
import { tellingErrors } from './telling-errors.js';

/** Most errors told about one document. */
export const MAX_ERRORS = 20;
/**
 * Annotation of our schemas: fields, or values of an `enum`, that a later version brings. They are refused like any
 * other, but named, so that nobody looks for a typing error.
 */
export const LATER = 'x-later';

/** One error with the pointer it is about; `key` says that it is about the key, not the value. */
export interface SchemaFault {
  pointer: string;
  key: boolean;
  detail: Omit<ErrorDetail, 'file' | 'line' | 'column' | 'pointer'>;
}
interface Annotated {
  description?: string;
  properties?: object;
  [LATER]?: string[];
}

// Our schemas and those of connectors live as long as the process.
const compiled = new WeakMap<JsonObject, ValidateFunction>();

function validator(schema: JsonObject): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    const ajv = new Ajv2020({
      allErrors: true,
      strict: true,
      strictRequired: false,
      allowUnionTypes: true,
      verbose: true,
    });
    ajv.addVocabulary([LATER]);
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate;
}

/** Validates against a schema of ours or of a connector, never of a tenant. Values do not appear in the messages. */
export function checkSchema(schema: JsonObject, value: unknown): SchemaFault[] {
  const validate = validator(schema);
  if (validate(value)) return [];
  const errors = tellingErrors(validate.errors ?? []);
  const unknownAt = new Set(
    errors.filter(({ keyword }) => keyword === 'additionalProperties').map((each) => each.instancePath),
  );
  // A misspelt field is also a missing one; the first says it better.
  const faults = errors
    .filter(
      (error) =>
        error.keyword !== 'required' || !unknownAt.has(error.instancePath) || !isMisspelt(error, errors),
    )
    .map(toFault);
  const unique = new Map(faults.map((fault) => [`${fault.pointer} ${fault.detail.message}`, fault]));
  return [...unique.values()].slice(0, MAX_ERRORS);
}

function isMisspelt(missing: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const fields = String(missing.params['missingProperty']).split('`, `');
  return errors
    .filter(
      (error) => error.keyword === 'additionalProperties' && error.instancePath === missing.instancePath,
    )
    .map((error) => String(error.params['additionalProperty']))
    .some((field) => nearestName(field, fields) !== undefined || laterOf(missing, errors).includes(field));
}

function laterOf({ instancePath }: ErrorObject, errors: readonly ErrorObject[]): string[] {
  const here = errors.filter(
    (error) => error.keyword === 'additionalProperties' && error.instancePath === instancePath,
  );
  return here.flatMap((error) => annotations(error)[LATER] ?? []);
}

function annotations(error: ErrorObject): Annotated {
  return (error.parentSchema ?? {}) as Annotated;
}

function toFault(error: ErrorObject): SchemaFault {
  const params = error.params as Record<string, unknown>;
  const { description } = annotations(error);
  if (error.propertyName !== undefined) {
    const pointer = `${error.instancePath}/${escapeSegment(error.propertyName)}`;
    return fault(pointer, 'is not a name possible here', description, 'Rename it.', true);
  }
  const pointer = error.instancePath;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, String(params['additionalProperty']));
    case 'required': {
      const fields = `\`${String(params['missingProperty'])}\``;
      const several = fields.includes('`, `');
      return fault(
        pointer,
        several ? `one of ${fields} is missing` : `${fields} is missing`,
        fields,
        `Add ${several ? 'one of them' : fields}.`,
      );
    }
    case 'const':
      return fault(pointer, 'is not the value needed here', String(params['allowedValue']));
    case 'enum':
      return unknownValue(error, (params['allowedValues'] as unknown[]).join(', '));
    case 'type':
      return fault(pointer, 'has the wrong type', String(params['type']));
    case 'pattern':
      return fault(
        pointer,
        'does not have the form needed here',
        description ?? `text that matches ${String(params['pattern'])}`,
      );
    default:
      return fault(pointer, error.message ?? 'is not valid', description);
  }
}

function unknownField(error: ErrorObject, field: string): SchemaFault {
  const pointer = `${error.instancePath}/${escapeSegment(field)}`;
  const known = Object.keys(annotations(error).properties ?? {});
  const expected = known.join(', ');
  if (annotations(error)[LATER]?.includes(field) === true) {
    return fault(
      pointer,
      `\`${field}\` is not part of this version`,
      expected,
      'Remove it; a later version brings it.',
      true,
    );
  }
  const close = nearestName(field, known);
  const remedy = close === undefined ? 'Remove it.' : `Did you mean \`${close}\`?`;
  return fault(pointer, `\`${field}\` is not a field here`, expected, remedy, true);
}

function unknownValue(error: ErrorObject, expected: string): SchemaFault {
  const value: unknown = error.data;
  const later = typeof value === 'string' && annotations(error)[LATER]?.includes(value) === true;
  if (!later) return fault(error.instancePath, 'is not one of the values possible here', expected);
  return fault(
    error.instancePath,
    `\`${value}\` is not part of this version`,
    expected,
    'Use one of these; a later version brings it.',
  );
}

function fault(
  pointer: string,
  message: string,
  expected?: string,
  remedy = 'Correct the value.',
  key = false,
): SchemaFault {
  return { pointer, key, detail: { message, ...(expected === undefined ? {} : { expected }), remedy } };
}
