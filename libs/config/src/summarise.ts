import { variablesOf, type ConfigClass } from './variable.js';

/** The effective configuration for the boot log: secrets as yes or no. */
export function summarise<T extends object>(
  Class: ConfigClass<T>,
  config: Readonly<T>,
): Record<string, unknown> {
  const values = config as Record<string, unknown>;
  return Object.fromEntries(
    variablesOf(Class).map(({ property, secretFile }) =>
      secretFile ? [`${property}Set`, values[property] !== undefined] : [property, values[property]],
    ),
  );
}
