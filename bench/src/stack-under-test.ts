import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkout } from './checkout.js';

/** The local stack, started as a user starts it, in a data folder of its own. */
export interface StackUnderTest {
  home: string;
  /** From the command to every part ready. Milliseconds. */
  readyMs: number;
  endpoints: { door: string; adminApi: string; temporal: string; postgres: string };
  secret(name: string): string;
  stop(): Promise<void>;
}

const POLL_MS = 20;

/** Starts `ecluse up` on `home` and waits until it is ready. Throws with the output when it ends before. */
export async function startStack(home: string): Promise<StackUnderTest> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['services/cli/bin/ecluse.mjs', 'up'], {
    cwd: checkout,
    env: { ...process.env, ECLUSE_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  // Sent once the example is applied and its first delivery is done.
  const applied = new Promise<void>((resolve) =>
    child.once('message', () => {
      resolve();
    }),
  );
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the stack did not start:\n${output}`);
    const status = readStatus(home);
    if (status?.state === 'ready' && status.supervisorPid === child.pid) {
      const readyMs = performance.now() - begun;
      await applied;
      return {
        home,
        readyMs,
        endpoints: status.endpoints,
        secret: (name) => readFileSync(join(home, 'secrets', name), 'utf8').trim(),
        stop: () => stopChild(child),
      };
    }
    await sleep(POLL_MS);
  }
}

interface Status {
  state: string;
  supervisorPid: number;
  endpoints: StackUnderTest['endpoints'];
}

function readStatus(home: string): Status | undefined {
  try {
    return JSON.parse(readFileSync(join(home, 'status.json'), 'utf8')) as Status;
  } catch {
    return undefined; // not written yet
  }
}

/** Ends a child and waits for it. */
export function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGTERM');
  });
}
