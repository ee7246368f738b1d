import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { EcluseError } from '@ecluse/errors';
import type { Recipe } from './recipes.js';

/** What the committed module files say. */
export interface ModulePins {
  /** Version of the server, without `v`. */
  readonly version: string;
  /** Least Go version. */
  readonly go: string;
  /** SHA-256 over go.mod, go.sum and the recipe, hex. */
  readonly hash: string;
}

/** Reads go.mod and go.sum in `folder`. Throws TOOLCHAIN_MISSING when they are not there or name no version. */
export async function readPins(folder: string, recipe: Recipe): Promise<ModulePins> {
  try {
    const mod = await readFile(join(folder, 'go.mod'), 'utf8');
    const sum = await readFile(join(folder, 'go.sum'), 'utf8');
    const module = recipe.module.replaceAll('.', '\\.');
    const version = new RegExp(`^\\s*(?:require\\s+)?${module} v(\\S+)`, 'm').exec(mod)?.[1];
    const go = /^go (\S+)$/m.exec(mod)?.[1];
    if (version === undefined || go === undefined) throw new Error('go.mod names no version');
    const hash = createHash('sha256');
    for (const part of [mod, sum, JSON.stringify(recipe)]) hash.update(part).update('\0');
    return { version, go, hash: hash.digest('hex') };
  } catch (error) {
    throw new EcluseError('TOOLCHAIN_MISSING', {
      detail: `${recipe.part}: cannot read the modules in ${folder}.`,
      cause: error,
    });
  }
}

/** Name of a cache entry: another version, module set, recipe or machine never shares one. */
export function cacheEntry(recipe: Recipe, pins: ModulePins): string {
  return `${recipe.part}-${pins.version}-${pins.hash.slice(0, 16)}-${process.platform}-${process.arch}`;
}

/** Per-user cache of built servers, outside every checkout: `$XDG_CACHE_HOME/ecluse/toolchain` or the platform's equivalent. */
export function toolchainCache(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  return join(cacheBase(env, platform), 'ecluse', 'toolchain');
}

function cacheBase(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  // The XDG specification: a relative path is to be ignored.
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  const home = env['HOME'] ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
  return join(home, '.cache');
}
