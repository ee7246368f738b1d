import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import { underBuildLock } from './build-lock.js';
import { buildServer } from './build.js';
import { cacheEntry, readPins, toolchainCache } from './cache.js';
import { inspect, isExecutable, onPath, type InstalledServer } from './installed.js';
import type { BuildProgress } from './progress.js';
import { checkoutModules, RECIPES, type Recipe, type ServerPart } from './recipes.js';

/** Where a server was found. */
export type ToolchainOrigin = 'environment' | 'path' | 'cache' | 'built';

/** A server program and where it came from. */
export interface ToolchainServer extends InstalledServer {
  readonly origin: ToolchainOrigin;
}

/** The servers that npm cannot deliver. */
export interface Toolchain {
  readonly temporal: ToolchainServer;
  readonly vault: ToolchainServer;
}

/** All optional; the defaults are those of `npm start`. */
export interface ToolchainOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the per-user cache. */
  readonly cache?: string;
  /** Folder with `temporal/go.mod` and `vault/go.mod`. Default: `deploy/toolchain` of the checkout. */
  readonly modules?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

const VARIABLES: Readonly<Record<ServerPart, string>> = {
  temporal: 'ECLUSE_TEMPORAL_BIN',
  vault: 'ECLUSE_VAULT_BIN',
};
const VENDORS: Readonly<Record<ServerPart, string>> = {
  temporal: 'install the Temporal CLI (https://docs.temporal.io/cli)',
  vault: 'install Vault (https://developer.hashicorp.com/vault/install)',
};

/**
 * Finds each server: environment variable, else PATH if the version fits, else the cache, else a build with Go.
 * Throws TOOLCHAIN_MISSING with the ways out, or DISK_FULL.
 */
export async function resolveToolchain(options: ToolchainOptions = {}): Promise<Toolchain> {
  // One after the other: each build uses all cores.
  const temporal = await resolveServer('temporal', options);
  return { temporal, vault: await resolveServer('vault', options) };
}

/** One server of `resolveToolchain`. */
export async function resolveServer(
  part: ServerPart,
  options: ToolchainOptions = {},
): Promise<ToolchainServer> {
  const found = await findInstalled(part, options);
  if ('server' in found) return found.server;
  return fromCache(RECIPES[part], options).catch((error: unknown) => {
    throw withWaysOut(part, error, found.misfit);
  });
}

/** Like `resolveServer`, but never builds: undefined when only a build would deliver the server. */
export async function locateServer(
  part: ServerPart,
  options: ToolchainOptions = {},
): Promise<ToolchainServer | undefined> {
  const found = await findInstalled(part, options);
  if ('server' in found) return found.server;
  const place = await cachePlace(RECIPES[part], options);
  return (await place.complete()) ? inCache(RECIPES[part], place.entry, 'cache') : undefined;
}

/** What the user named, else what is on PATH and fits. */
async function findInstalled(
  part: ServerPart,
  { env = process.env }: ToolchainOptions,
): Promise<{ server: ToolchainServer } | { misfit: string | undefined }> {
  const named = env[VARIABLES[part]];
  const plugins = part === 'vault' ? env['ECLUSE_VAULT_PLUGIN_DIR'] : undefined;
  if (named !== undefined && named !== '') {
    const found = await inspect(part, named, plugins);
    if ('fits' in found) return { server: { ...found.fits, origin: 'environment' } };
    // What the user asked for by name is not silently replaced by something else.
    throw new EcluseError('TOOLCHAIN_MISSING', { detail: `${VARIABLES[part]}: ${found.misfit}.` });
  }
  const installed = await onPath(process.platform === 'win32' ? `${part}.exe` : part, env);
  const found = installed === undefined ? undefined : await inspect(part, installed, plugins);
  if (found !== undefined && 'fits' in found) return { server: { ...found.fits, origin: 'path' } };
  return { misfit: found?.misfit };
}

interface CachePlace {
  readonly pins: Awaited<ReturnType<typeof readPins>>;
  readonly folder: string;
  readonly cache: string;
  readonly entry: string;
  readonly complete: () => Promise<boolean>;
}

async function cachePlace(recipe: Recipe, options: ToolchainOptions): Promise<CachePlace> {
  const { env = process.env, modules = checkoutModules() } = options;
  const folder = join(modules, recipe.part);
  const pins = await readPins(folder, recipe);
  const cache = options.cache ?? toolchainCache(env);
  const entry = join(cache, cacheEntry(recipe, pins));
  const complete = async (): Promise<boolean> => {
    const there = await Promise.all(recipe.steps.map((step) => isExecutable(join(entry, step.output))));
    return there.every(Boolean);
  };
  return { pins, folder, cache, entry, complete };
}

async function fromCache(recipe: Recipe, options: ToolchainOptions): Promise<ToolchainServer> {
  const { env = process.env, signal, onProgress } = options;
  const { pins, folder, cache, entry, complete } = await cachePlace(recipe, options);
  if (await complete()) return inCache(recipe, entry, 'cache');
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const common = { recipe, pins, folder, entry, env, ...(onProgress === undefined ? {} : { onProgress }) };
  await underBuildLock(
    entry,
    complete,
    (lockSignal) => buildServer({ ...common, signal: lockSignal }),
    signal,
  );
  return inCache(recipe, entry, 'built');
}

async function inCache(recipe: Recipe, entry: string, origin: ToolchainOrigin): Promise<ToolchainServer> {
  const found = await inspect(recipe.part, join(entry, recipe.part));
  if ('fits' in found) return { ...found.fits, origin };
  throw new EcluseError('TOOLCHAIN_MISSING', { detail: `${found.misfit}. Remove ${entry} and run again.` });
}

function withWaysOut(part: ServerPart, error: unknown, misfit: string | undefined): unknown {
  if (!isEcluseError(error, 'TOOLCHAIN_MISSING')) return error;
  const reasons = [misfit, error.detail].filter((reason) => reason !== undefined).join(' ');
  const ways = `Ways out: set ${VARIABLES[part]} to the program; or ${VENDORS[part]}; or install Go (https://go.dev/dl) and run again.`;
  return new EcluseError('TOOLCHAIN_MISSING', { detail: `${part}: ${reasons} ${ways}`, cause: error });
}
