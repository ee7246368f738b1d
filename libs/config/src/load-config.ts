import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { EcluseError, type ErrorDetail } from '@ecluse/errors';
import { readSecretFile } from './secret-file.js';
import { variablesOf, type ConfigClass, type Variable } from './variable.js';

/** Variables of the CLI and of the local stack, which a service started from there inherits; they are not the service's. */
const NOT_OURS = /^ECLUSE_(HOME|PORT_|TEMPORAL_BIN|VAULT_BIN|VAULT_PLUGIN_DIR|E2E_|TEST_)/;

/**
 * Builds and freezes a service's configuration from the environment, once, before anything starts.
 * Unknown `ECLUSE_*` variables and invalid values stop the boot: CONFIG_INVALID with one entry per variable,
 * naming the variable and what it expects, never its value.
 */
export function loadConfig<T extends object>(
  Class: ConfigClass<T>,
  environment: NodeJS.ProcessEnv,
): Readonly<T> {
  const variables = variablesOf(Class);
  const errors: ErrorDetail[] = unknownVariables(variables, environment);
  const instance = new Class();
  for (const variable of variables) {
    const read = readVariable(variable, environment);
    if ('error' in read) errors.push(read.error);
    else if (read.value !== undefined)
      Reflect.set(instance, variable.property, convert(instance, variable, read.value));
  }
  for (const failure of validateSync(instance, { validationError: { target: false, value: false } })) {
    const variable = variables.find((candidate) => candidate.property === failure.property);
    const expected = Object.values(failure.constraints ?? {}).join('; ');
    errors.push({ message: `${variable?.name ?? failure.property}: ${expected}`, expected });
  }
  if (errors.length > 0) {
    throw new EcluseError('CONFIG_INVALID', { detail: errors.map((e) => e.message).join('. '), errors });
  }
  return Object.freeze(instance);
}

function unknownVariables(variables: Variable[], environment: NodeJS.ProcessEnv): ErrorDetail[] {
  const known = new Set(variables.map((variable) => variable.name));
  return Object.keys(environment)
    .filter((name) => name.startsWith('ECLUSE_') && !known.has(name) && !NOT_OURS.test(name))
    .map((name) => ({ message: `${name} is not a variable of this service` }));
}

/** Text becomes a number or a boolean where the property is one; text that is neither is left for the validator to name. */
function convert(instance: object, variable: Variable, text: string): unknown {
  const kind: unknown = Reflect.getMetadata('design:type', instance, variable.property);
  const initial: unknown = Reflect.get(instance, variable.property);
  if (kind === Number || typeof initial === 'number') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === Boolean || typeof initial === 'boolean')
    return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function readVariable(
  variable: Variable,
  environment: NodeJS.ProcessEnv,
): { value: string | undefined } | { error: ErrorDetail } {
  const text = environment[variable.name];
  if (text === undefined || text === '') return { value: undefined };
  if (!variable.secretFile) return { value: text };
  return readSecretFile(variable.name, text);
}
