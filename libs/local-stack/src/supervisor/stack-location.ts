import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout that this code runs from; the same from `src` and from `dist`. */
export const checkoutRoot: string = fileURLToPath(new URL('../../../..', import.meta.url)).replace(
  /[\\/]$/,
  '',
);

/** Data folder that a command works on: `$ECLUSE_HOME`, else `.ecluse` of the checkout. */
export function locateStack(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['ECLUSE_HOME'];
  return chosen === undefined || chosen === '' ? join(checkoutRoot, '.ecluse') : chosen;
}
