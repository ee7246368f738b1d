import { EcluseError } from '@ecluse/errors';
import { locateStack, readStatus, stackHome } from '@ecluse/local-stack';
import { localVariables } from './local-variables.js';
import type { Variables } from './resolve-variables.js';

/** Variables given as `name=value`, and the `local.*` ones while a local stack runs. Throws `USAGE`. */
export async function currentVariables(assignments: readonly string[] = []): Promise<Variables> {
  const status = await readStatus(stackHome(locateStack(process.env)));
  return { ...(status === undefined ? {} : localVariables(status)), ...parseAssignments(assignments) };
}

/** `a=1` becomes `{ a: '1' }`; a value may contain `=`. Throws `USAGE`. */
export function parseAssignments(assignments: readonly string[]): Variables {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      if (at < 1) throw new EcluseError('USAGE', { detail: `--var ${assignment}: expected name=value` });
      return [assignment.slice(0, at), assignment.slice(at + 1)];
    }),
  );
}
