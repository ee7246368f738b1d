import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { ModulePins } from './cache.js';
import { findGo, runGo } from './go-tool.js';
import type { BuildProgress } from './progress.js';
import { startProgress } from './progress.js';
import type { Recipe } from './recipes.js';

export interface BuildOptions {
  readonly recipe: Recipe;
  readonly pins: ModulePins;
  /** Folder of go.mod. */
  readonly folder: string;
  /** Where the finished build goes; its parent exists. The caller holds the lock of this entry. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/**
 * Builds beside the entry and moves the whole into place at the end: an entry that exists is complete, whatever
 * interrupted a build. Throws TOOLCHAIN_MISSING, DISK_FULL, or the reason of `signal`.
 */
export async function buildServer(options: BuildOptions): Promise<void> {
  const { recipe, pins, folder, entry, env, signal, onProgress } = options;
  const go = await findGo(folder, pins.go, env);
  await removeUnfinished(entry);
  const unfinished = `${entry}.unfinished-${randomBytes(6).toString('hex')}`;
  await mkdir(unfinished, { mode: 0o755 });
  const progress = startProgress(recipe, onProgress);
  try {
    for (const step of recipe.steps) {
      progress.next();
      const output = join(unfinished, step.output);
      await mkdir(dirname(output), { recursive: true });
      const args = ['build', '-v', ...recipe.flags, '-o', output, step.package];
      await runGo(go, args, { onLine: progress.line, ...(signal === undefined ? {} : { signal }) });
    }
    await rename(unfinished, entry);
  } finally {
    progress.stop();
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** What builds left that were killed. Only the holder of the lock builds, so none of it is in use. */
async function removeUnfinished(entry: string): Promise<void> {
  const parent = dirname(entry);
  const prefix = `${basename(entry)}.unfinished-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
