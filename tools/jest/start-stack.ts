import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the teardown has to end and remove. */
export interface StartedStack {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  readonly folder: string;
}

declare global {
  var ecluseStack: StartedStack | undefined;
}

/** Time for a whole start with its first delivery; servers that must be built first are no part of it. */
const START_LIMIT_MS = 180_000;
const TAIL_LINES = 60;

/**
 * Global setup of project `e2e`: the stack that `npm start` runs, from what was built, on a data folder of its own and
 * with fault points armed by files. Jest calls the default export with its own and the project's configuration.
 */
export default async function startStack(_jest: unknown, project: { rootDir: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ecluse-e2e-'));
  // Started by root, PostgreSQL runs as a user of its own, which has to pass through.
  await chmod(folder, 0o711);
  const home = join(folder, 'home');
  const failpoints = await mkdtemp(join(folder, 'failpoints-'));
  const child = spawn(process.execPath, ['services/cli/bin/ecluse.mjs', 'up'], {
    cwd: project.rootDir,
    // The channel tells that the example is in place, and tells the stack when Jest was killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ECLUSE_HOME: home,
      NODE_OPTIONS: '',
      ECLUSE_FAILPOINTS: 'enabled',
      ECLUSE_FAILPOINT_FOLDER: failpoints,
    },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const output = tailOf(child);
  try {
    await ready(child);
  } catch (error) {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${output()}`, {
      cause: error,
    });
  }
  globalThis.ecluseStack = { child, exited, folder };
  process.env['ECLUSE_E2E_STATUS'] = join(home, 'status.json');
  process.env['ECLUSE_E2E_FAILPOINT_FOLDER'] = failpoints;
}

/** Resolves once `ecluse up` says that the example was applied and its delivery went through. */
async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`the stack was not ready within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    const settle = (work: () => void): void => {
      clearTimeout(limit);
      work();
    };
    child.once('message', () => {
      settle(resolve);
    });
    child.once('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    child.once('exit', (code, signal) => {
      settle(() => {
        reject(new Error(`the stack ended while starting (${signal ?? `exit code ${String(code)}`})`));
      });
    });
  });
}

/** Reads the output for as long as the process runs, so that it never waits for a reader, and keeps its end. */
function tailOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text = `${text}${more}`.split('\n').slice(-TAIL_LINES).join('\n');
    });
  }
  return () => text;
}
