import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A program of the benchmark that runs as a process of its own, so that its CPU is counted apart. */
export interface Child {
  readonly pid: number;
  /** First line that it printed. */
  readonly greeting: string;
  /** Sends a message and waits for the next one from the child. Rejects when the child ends instead. */
  ask<T>(message: object): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts a compiled module and waits for its first line.
 * @param module Path below `bench/dist`, for example `floors/bare-client.js`.
 */
export async function startChild(module: string, args: readonly string[]): Promise<Child> {
  const entry = fileURLToPath(new URL(`../../${module}`, import.meta.url));
  const options: ForkOptions = { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] };
  const child = fork(entry, args, options);
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
  const greeting = await firstLine(child, () => `${module} did not start: ${complaints}`);
  return {
    pid: child.pid ?? 0,
    greeting,
    ask: (message) => ask(child, message, () => `${module} ended: ${complaints}`),
    stop: () => stopChild(child),
  };
}

function firstLine(child: ChildProcess, complaint: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => {
      child.stdout?.resume();
      resolve(chunk.toString().split('\n')[0] ?? '');
    });
    child.once('exit', () => {
      reject(new Error(complaint()));
    });
  });
}

function ask<T>(child: ChildProcess, message: object, complaint: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      reject(new Error(complaint()));
    };
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as T);
    });
    child.send(message);
  });
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
