import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { EcluseError } from '@ecluse/errors';
import { endProcess } from './end-process.js';
import { requireFreePorts } from './free-port.js';
import { makeRoom, readTail } from './log-file.js';
import { processIdentity } from './process-identity.js';
import { waitUntil } from './wait-until.js';

/** How a server process is started and known to be ready. */
export interface LaunchOptions {
  /** Names the log file and the errors: `postgres`, `temporal`, `vault`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ports of 127.0.0.1 that it will listen on; looked at before it is started. */
  readonly ports?: readonly number[];
  /** Folder of `<name>.log`; appended to, and moved to `<name>.log.1` once it is over 20 MiB. */
  readonly logs: string;
  /** Other user to run as, when root starts the stack. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** True once the server answers. Asked every 50 ms; throwing means "not yet". */
  readonly ready: () => Promise<boolean>;
  /** Default 60 000 ms. */
  readonly readyTimeoutMs?: number;
  /** Asks for an orderly stop. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Default 10 000 ms, then SIGKILL. */
  readonly stopGraceMs?: number;
  /** See `SpawnHook`. */
  readonly onSpawn?: SpawnHook;
}

/** What a pid file keeps of a process, so that a later supervisor can recognise and end it. */
export type SpawnedServer = Pick<RunningServer, 'name' | 'pid' | 'identity' | 'stopSignal' | 'stopGraceMs'>;

/** Told as soon as the process exists, long before it is ready. When it throws, the process is stopped. */
export type SpawnHook = (spawned: SpawnedServer) => Promise<void>;

/** A server that answered once. It leads its own process group, so a Ctrl-C in the terminal does not reach it. */
export interface RunningServer {
  readonly name: string;
  readonly pid: number;
  /** See `processIdentity`: what a pid file must keep beside the pid. */
  readonly identity: string;
  readonly logFile: string;
  /** The signal and patience that `stop` uses, for a pid file that a later supervisor reads. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopGraceMs: number;
  /** Settles when the process ends, for whatever reason. Never rejects. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Stops it in order, then ends what is left of its group. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it answers.
 * Throws PORT_IN_USE; STACK_BROKEN, with the end of the log, when it ends first or does not answer in time; it is stopped then.
 */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  await requireFreePorts(options.name, options.ports ?? []);
  const logFile = join(options.logs, `${options.name}.log`);
  const child = await spawnLogged(options, logFile);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const pid = child.pid;
  const identity = pid === undefined ? undefined : await processIdentity(pid);
  if (pid === undefined || identity === undefined) throw await broken(options.name, logFile, 'ended at once');
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const stopGraceMs = options.stopGraceMs ?? 10_000;
  const stop = async (): Promise<void> => {
    await endProcess({ pid, identity, signal: stopSignal, graceMs: stopGraceMs });
  };
  await options
    .onSpawn?.({ name: options.name, pid, identity, stopSignal, stopGraceMs })
    .catch(async (error: unknown) => {
      await stop();
      throw error;
    });
  const life = { ended: false };
  void exited.then(() => {
    life.ended = true;
  });
  const readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
  const answered = await waitUntil(async () => life.ended || (await options.ready()), readyTimeoutMs);
  if (life.ended) throw await broken(options.name, logFile, 'ended while starting');
  if (!answered) {
    await stop();
    throw await broken(options.name, logFile, `did not answer within ${String(readyTimeoutMs / 1000)} s`);
  }
  return { name: options.name, pid, identity, logFile, stopSignal, stopGraceMs, exited, stop };
}

async function spawnLogged(options: LaunchOptions, logFile: string): Promise<ChildProcess> {
  await makeRoom(logFile);
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...options.user,
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } catch (error) {
    throw new EcluseError('STACK_BROKEN', {
      detail: `${options.name}: ${options.command} cannot be run.`,
      cause: error,
    });
  } finally {
    await log.close();
  }
}

async function broken(name: string, logFile: string, what: string): Promise<EcluseError> {
  const tail = await readTail(logFile, 5);
  const full = tail.includes('No space left on device') || tail.includes('no space left on device');
  const detail = `${name} ${what}. Log: ${logFile}${tail === '' ? '' : `\n${tail}`}`;
  return new EcluseError(full ? 'DISK_FULL' : 'STACK_BROKEN', { detail });
}
