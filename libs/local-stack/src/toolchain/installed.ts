import { execFile } from 'node:child_process';
import { constants, createReadStream } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { POSTGRES_PLUGIN, type ServerPart } from './recipes.js';
import { isAtLeast } from './version.js';

const run = promisify(execFile);

/** A server program that can be used, and for Vault the folder of its plugin unless that is built in. */
export interface InstalledServer {
  /** The program, absolute. */
  readonly path: string;
  /** Version of the server, e.g. `1.31.2`. */
  readonly version: string;
  readonly pluginDirectory?: string;
}

/** Versions that fit: this one or newer, of the same major version. */
export const LEAST_VERSIONS: Readonly<Record<ServerPart, string>> = { temporal: '1.31.0', vault: '1.18.0' };

/** Why a program that is there cannot be used, or the program. */
export type Inspection = { readonly fits: InstalledServer } | { readonly misfit: string };

/** Programs called `name` on `PATH`, first one first. */
export async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

/** Runs the program once for its version, and looks for Vault's database plugin. */
export async function inspect(
  part: ServerPart,
  binary: string,
  pluginDirectory?: string,
): Promise<Inspection> {
  if (!(await isExecutable(binary))) return { misfit: `${binary} is not an executable file` };
  const version = await serverVersion(part, binary);
  if (version === undefined) return { misfit: `${binary} does not say its version` };
  const least = LEAST_VERSIONS[part];
  if (!isAtLeast(version, least) || version.split('.')[0] !== least.split('.')[0]) {
    return { misfit: `${binary} is version ${version}, needed is ${least} or newer` };
  }
  return part === 'temporal'
    ? { fits: { path: binary, version } }
    : withPlugin({ path: binary, version }, pluginDirectory);
}

/** Temporal's program is known by the version of the server in it. */
async function serverVersion(part: ServerPart, binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(binary, [part === 'temporal' ? '--version' : 'version'], {
      timeout: 20_000,
    });
    const pattern = part === 'temporal' ? /Server (\d+\.\d+\.\d+)/ : /Vault v(\d+\.\d+\.\d+)/;
    return pattern.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function withPlugin(vault: InstalledServer, named: string | undefined): Promise<Inspection> {
  const folder = named ?? join(dirname(vault.path), 'plugins');
  // Vault refuses a symbolic link as its plugin folder.
  const pluginDirectory = await realpath(folder).catch(() => folder);
  if (await isExecutable(join(pluginDirectory, POSTGRES_PLUGIN)))
    return { fits: { ...vault, pluginDirectory } };
  if (named !== undefined) return { misfit: `${named} has no executable ${POSTGRES_PLUGIN}` };
  if (await mentions(vault.path, 'vault/plugins/database/postgresql.')) return { fits: vault };
  return {
    misfit: `${vault.path} is a build without the PostgreSQL plugin, and ${POSTGRES_PLUGIN} is not in ${folder}`,
  };
}

/** A Go program keeps the names of its functions, so what is built in can be read from it. Reads up to the first hit. */
async function mentions(file: string, text: string): Promise<boolean> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
    const block = Buffer.concat([rest, chunk as Buffer]);
    if (block.includes(text)) return true;
    rest = block.subarray(-text.length);
  }
  return false;
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
