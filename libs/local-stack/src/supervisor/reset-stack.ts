import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createStackHome } from '../stack-home.js';
import { becomeSupervisor } from './instance-lock.js';
import { endLeftovers } from './leftovers.js';

/** All that a stack makes below its folder. Nothing else is deleted: `$ECLUSE_HOME` may hold files of the user. */
const OWN_ENTRIES = ['postgres', 'temporal', 'vault', 'logs', 'secrets', 'run', 'stack.json', 'status.json'];

/**
 * Deletes the data, secrets and logs of a stack that does not run; of any layout version.
 * Throws `STACK_RUNNING` (ECL-7006) when it runs.
 */
export async function resetStack(root: string): Promise<void> {
  const home = await createStackHome(root);
  await becomeSupervisor(home);
  await endLeftovers(home);
  for (const entry of OWN_ENTRIES) await rm(join(home.root, entry), { recursive: true, force: true });
  await rmdir(home.root).catch(() => undefined); // stays when something of the user is in it
}
