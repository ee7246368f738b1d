import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkout } from '../checkout.js';
import { stopChild } from './child.js';

/** Parts of the stack that the benchmark tells apart. */
export const STACK_PARTS = ['postgres', 'vault', 'temporal', 'ingress', 'worker', 'admin-api'] as const;
export type StackPart = (typeof STACK_PARTS)[number];

/** The local stack, started as a user starts it, in a data folder of its own. */
export interface StackUnderTest {
  readonly home: string;
  /** From the command to every part ready. Milliseconds. */
  readonly readyMs: number;
  readonly endpoints: Readonly<Record<'door' | 'adminApi' | 'temporal' | 'postgres' | 'vault', string>>;
  readonly supervisorPid: number;
  /** Pid of a part as it runs now. */
  pid(part: StackPart): number;
  secret(name: string): string;
  /** Superuser's URL of a database of the stack: for the benchmark's own tables and counts. */
  databaseUrl(database: 'ecluse' | 'erp' | 'postgres'): string;
  stop(): Promise<void>;
}

interface Status {
  state: string;
  supervisorPid: number;
  endpoints: StackUnderTest['endpoints'];
  parts: { name: StackPart; pid: number | null }[];
}

const POLL_MS = 20;

/** A new data folder. Started by root, PostgreSQL runs as a user of its own, which has to pass through. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'ecluse-bench-'));
  chmodSync(home, 0o711);
  return home;
}

/** Removes the data of a stopped stack. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

/** Starts `ecluse up` on `home` and waits until the example was applied. Throws with the output when it ends before. */
export async function startStack(home: string): Promise<StackUnderTest> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['services/cli/bin/ecluse.mjs', 'up'], {
    cwd: checkout,
    env: { ...process.env, ECLUSE_HOME: home, ECLUSE_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // Sent once the example is applied and its first delivery is done.
  const applied = new Promise<void>((resolve, reject) => {
    child.once('message', () => {
      resolve();
    });
    child.once('exit', () => {
      reject(new Error(`the stack did not start, its data is kept in ${home}:\n${output}`));
    });
  });
  const status = await Promise.race([readyStatus(home, child), applied.then(() => undefined)]);
  const readyMs = performance.now() - begun;
  await applied;
  if (status === undefined) throw new Error('the stack was applied before it was ready');
  return viewOf({ home, readyMs, status, stop: () => stopChild(child) });
}

async function readyStatus(home: string, child: ChildProcess): Promise<Status | undefined> {
  while (child.exitCode === null) {
    const status = readStatus(home);
    if (status?.state === 'ready' && status.supervisorPid === child.pid) return status;
    await sleep(POLL_MS);
  }
  return undefined;
}

interface Running {
  home: string;
  readyMs: number;
  status: Status;
  stop: () => Promise<void>;
}

function viewOf({ home, readyMs, status, stop }: Running): StackUnderTest {
  const secret = (name: string): string => readFileSync(join(home, 'secrets', name), 'utf8').trim();
  return {
    home,
    readyMs,
    endpoints: status.endpoints,
    supervisorPid: status.supervisorPid,
    pid: (part) => readStatus(home)?.parts.find(({ name }) => name === part)?.pid ?? 0,
    secret,
    databaseUrl: (database) =>
      `postgresql://postgres:${encodeURIComponent(secret('postgres-password'))}@${status.endpoints.postgres}/${database}`,
    stop,
  };
}

function readStatus(home: string): Status | undefined {
  try {
    return JSON.parse(readFileSync(join(home, 'status.json'), 'utf8')) as Status;
  } catch {
    return undefined; // not written yet
  }
}
