import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

declare global {
  var ecluseStack: RunningStack | undefined;
}

/** The stack under test, as the teardown needs it. */
export interface RunningStack {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

/** As `ECLUSE_PORT_…`: two stacks must run side by side, and the defaults are left to a developer's own. */
const PORTS = [
  ...['DOOR', 'ADMIN_API', 'OPERATOR_UI', 'TEMPORAL', 'TEMPORAL_UI'],
  ...['VAULT', 'VAULT_CLUSTER', 'POSTGRES', 'WORKER_HEALTH'],
];
/** Longest wait for the first start. Milliseconds. The servers were built before. */
const TIMEOUT_MS = 240_000;

/**
 * Global setup of project `e2e`: the built `ecluse up` in a folder of its own, with fault points enabled. Tests find it
 * through `ECLUSE_E2E_STATUS` (its `status.json`) and arm points in `ECLUSE_E2E_FAILPOINT_FOLDER`. Jest calls the default export.
 */
export default async function startStack(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-e2e-'));
  const home = join(folder, '.ecluse');
  const failpoints = join(folder, 'failpoints');
  mkdirSync(failpoints);
  const ports = await freePorts(PORTS.length);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../services/cli/dist/main.js'), 'up'],
    {
      env: {
        ...process.env,
        ...Object.fromEntries(PORTS.map((name, index) => [`ECLUSE_PORT_${name}`, String(ports[index])])),
        NODE_OPTIONS: '',
        ECLUSE_HOME: home,
        ECLUSE_FAILPOINTS: 'enabled',
        ECLUSE_FAILPOINT_FOLDER: failpoints,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  globalThis.ecluseStack = { child, folder, ended };
  await ready(child, ended);
  process.env['ECLUSE_E2E_STATUS'] = join(home, 'status.json');
  process.env['ECLUSE_E2E_FAILPOINT_FOLDER'] = failpoints;
}

/** Resolves once the stack has done its main job; a stack that ends or hangs before fails with what it printed. */
async function ready(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (printed = `${printed}${chunk.toString()}`.slice(-20_000)));
  }
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    new Promise<'ready'>((resolve) =>
      child.once('message', () => {
        resolve('ready');
      }),
    ),
    ended.then((code) => `ended with exit code ${String(code)}`),
    new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        resolve(`was not ready within ${String(TIMEOUT_MS / 1000)} s`);
      }, TIMEOUT_MS);
    }),
  ]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  child.kill('SIGTERM');
  await ended;
  throw new Error(`The stack under test ${outcome}:\n${printed}`);
}

/** All are held at once, so that no port is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          resolve(server);
        });
      });
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
