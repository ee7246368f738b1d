import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '@ecluse/contracts';
import type { ErrorDetail } from '@ecluse/errors';
import { nearestName } from './nearest-name.js';
import { escapeSegment } from './pointer.js';

/** Most errors told about one document. */
export const MAX_ERRORS = 20;

/** Fields of the flow language that later versions bring; named, so that nobody looks for a typing error. */
const LATER = new Set([
  'order',
  'batch',
  'compensate',
  'forEach',
  'wait',
  'approve',
  'flow',
  'respond',
  'store',
  'schedule',
  'poll',
  'alert',
  'input',
]);

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
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate;
}

/** One error with the pointer it is about; `key` says that it is about the key, not the value. */
export interface SchemaFault {
  pointer: string;
  key: boolean;
  detail: Omit<ErrorDetail, 'file' | 'line' | 'column' | 'pointer'>;
}

/** Validates against a schema of ours or of a connector. Values never appear in the messages. */
export function checkSchema(schema: JsonObject, value: unknown): SchemaFault[] {
  const validate = validator(schema);
  if (validate(value)) return [];
  const faults = (validate.errors ?? []).filter(isTelling).map(toFault);
  const unique = new Map(faults.map((fault) => [`${fault.pointer} ${fault.detail.message}`, fault]));
  return [...unique.values()].slice(0, MAX_ERRORS);
}

/** `if` and the summary of alternatives repeat what their parts say. */
function isTelling({ keyword }: ErrorObject): boolean {
  return keyword !== 'if' && keyword !== 'oneOf';
}

function toFault(error: ErrorObject): SchemaFault {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, String(params['additionalProperty']));
    case 'required': {
      const field = String(params['missingProperty']);
      return at(error.instancePath, false, `\`${field}\` is missing`, `\`${field}\``, `Add \`${field}\`.`);
    }
    case 'const':
      return at(
        error.instancePath,
        false,
        'is not the value needed here',
        JSON.stringify(params['allowedValue']),
      );
    case 'enum':
      return at(
        error.instancePath,
        false,
        'is not one of the values possible here',
        (params['allowedValues'] as unknown[]).join(', '),
      );
    case 'type':
      return at(error.instancePath, false, 'has the wrong type', String(params['type']));
    case 'pattern': {
      const description = (error.parentSchema as { description?: string } | undefined)?.description;
      return at(
        error.instancePath,
        false,
        'does not have the form needed here',
        description ?? `text that matches ${String(params['pattern'])}`,
      );
    }
    default:
      return at(error.instancePath, false, error.message ?? 'is not valid');
  }
}

function unknownField(error: ErrorObject, field: string): SchemaFault {
  const pointer = `${error.instancePath}/${escapeSegment(field)}`;
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
  if (LATER.has(field)) {
    return at(
      pointer,
      true,
      `\`${field}\` is not part of this version`,
      known.join(', '),
      'Remove it; a later version brings it.',
    );
  }
  const close = nearestName(field, known);
  return at(
    pointer,
    true,
    `\`${field}\` is not a field here`,
    known.join(', '),
    close === undefined ? 'Remove it.' : `Did you mean \`${close}\`?`,
  );
}

function at(pointer: string, key: boolean, message: string, expected?: string, remedy?: string): SchemaFault {
  const detail = {
    message,
    ...(expected === undefined ? {} : { expected }),
    remedy: remedy ?? 'Correct the value.',
  };
  return { pointer, key, detail };
}
