import type { Command } from 'commander';
import { locateStack, stackHome, type StackHome } from '@ecluse/local-stack';
import { AdminClient } from '../admin/admin-client.js';
import { findAdminAccess, type AccessOptions } from '../admin/admin-access.js';

/** Options before or after the command name that hold for every command. */
export interface GlobalOptions extends AccessOptions {
  readonly json?: boolean;
}

/** All options of a command, the global ones included. */
// commander knows no types: the command that declared the options names them here, once.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function optionsOf<T extends object>(command: Command): T & GlobalOptions {
  return command.optsWithGlobals<T & GlobalOptions>();
}

/** Data folder of this checkout, or `$ECLUSE_HOME`. */
export function currentHome(): StackHome {
  return stackHome(locateStack(process.env));
}

/** A client for the admin API that the options, the environment or the running local stack name. */
export async function adminClient(options: AccessOptions): Promise<AdminClient> {
  return new AdminClient(await findAdminAccess(options, process.env));
}
