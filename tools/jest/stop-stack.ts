import { rm } from 'node:fs/promises';
import type {} from './start-stack.js';

/** Global teardown of project `e2e`: an orderly stop, which is itself part of the test. Jest calls the default export. */
export default async function stopStack(): Promise<void> {
  const stack = globalThis.ecluseStack;
  if (stack === undefined) return;
  stack.child.kill('SIGTERM');
  const code = await stack.ended;
  await rm(stack.folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`The stack under test ended with exit code ${String(code)}`);
}
