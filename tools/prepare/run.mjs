import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Node 24, which npm brings along; `start.mjs` itself runs on the Node of the machine. */
export const node24 = join(root, 'node_modules', '.bin', 'node');

/** Path of a program of a dependency. */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * Runs a command in the checkout and resolves to `{ code, output }`. Its output is collected; `onLine` is told each line.
 * A command that cannot be started counts as exit code 127.
 */
export function run(command, args, { env = process.env, onLine = () => undefined, stdio } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: stdio ?? ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        for (const line of text.split('\n')) if (line.trim() !== '') onLine(line.trim());
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
