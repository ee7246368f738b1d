/**
 * `npm start`: brings the checkout into a state in which it can run, then hands over to `ecluse up`.
 * Plain JavaScript without dependencies: it runs before there are any, on the Node of the machine.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { buildWhenStale } = await import('./prepare/build.mjs');
const { installDependencies } = await import('./prepare/dependencies.mjs');
const { node24, root } = await import('./prepare/run.mjs');

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await installDependencies();
  await buildWhenStale();
} catch (error) {
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}

const main = join(root, 'services', 'cli', 'dist', 'main.js');
const child = spawn(node24, [main, 'up', ...process.argv.slice(2)], {
  cwd: root,
  // The channel tells `ecluse up` when this process is gone, however it went.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('error', (error) => {
  process.stderr.write(`error: ${node24} cannot be run: ${error.message}\n`);
  process.exitCode = 1;
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
