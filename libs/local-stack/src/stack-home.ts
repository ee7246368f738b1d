import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The folders of one local stack; everything that it keeps lies under `root`. */
export interface StackHome {
  /** Absolute. `.ecluse` of the checkout, or `$ECLUSE_HOME`. */
  readonly root: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly vault: string;
  /** One `<name>.log` per process. */
  readonly logs: string;
  /** Mode 0700; files in it 0600. */
  readonly secrets: string;
  /** Pid files. */
  readonly run: string;
}

/** The layout under `root`; touches nothing. */
export function stackHome(root: string): StackHome {
  const path = resolve(root);
  return {
    root: path,
    postgres: join(path, 'postgres'),
    temporal: join(path, 'temporal'),
    vault: join(path, 'vault'),
    logs: join(path, 'logs'),
    secrets: join(path, 'secrets'),
    run: join(path, 'run'),
  };
}

/** Creates the folders that are missing. Safe to repeat. `postgres` is left to `startPostgres`, which may own it differently. */
export async function createStackHome(root: string): Promise<StackHome> {
  const home = stackHome(root);
  // The server's own user (when root starts the stack) must be able to pass through, but not to look around.
  await mkdir(home.root, { recursive: true, mode: 0o711 });
  for (const folder of [home.temporal, home.vault, home.logs, home.run, home.secrets]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await chmod(home.secrets, 0o700);
  return home;
}
