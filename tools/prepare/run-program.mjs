import { spawnSync } from 'node:child_process';
import { buildWhenStale } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { node24 } from './run.mjs';

/**
 * Prepares the checkout, runs a compiled program of it with the arguments of this process, and ends as it ended.
 * @param path Below the root, for example `bench/dist/src/main.js`.
 */
export async function runProgram(path) {
  await installDependencies();
  await buildWhenStale();
  const { status } = spawnSync(node24, [path, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
