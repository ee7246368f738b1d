import { rm } from 'node:fs/promises';
import type {} from './start-stack.js';

/** Longer than an orderly stop of every part takes: the worker alone may drain for 30 s. */
const STOP_LIMIT_MS = 90_000;

/** Global teardown of project `e2e`: an orderly stop, then the data folder goes. Jest calls the default export. */
export default async function stopStack(): Promise<void> {
  const stack = globalThis.ecluseStack;
  if (stack === undefined) return;
  const { child, exited, folder } = stack;
  const limit = setTimeout(() => {
    child.kill('SIGKILL');
  }, STOP_LIMIT_MS);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(limit);
  await rm(folder, { recursive: true, force: true });
}
