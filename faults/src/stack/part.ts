import { setTimeout as pause } from 'node:timers/promises';
import type { RunningServer, SpawnHook } from '@ecluse/local-stack';

/** Starts the process; called again for every restart. */
export type StartPart = (onSpawn: SpawnHook) => Promise<RunningServer>;

export interface PartOptions {
  readonly name: string;
  readonly start: StartPart;
  /** Milliseconds from the end of a process to the start of the next. */
  readonly restartAfterMs: number;
}

/**
 * One process of the stack under test, and its supervisor: killed, frozen and held down by a case, started again by
 * itself. Its history of starts is what recovery times are measured from.
 */
export class Part {
  /** Wall-clock milliseconds at which processes were spawned, and were ready. */
  readonly spawnedAt: number[] = [];
  readonly readyAt: number[] = [];
  private pid: number | undefined;
  private current: RunningServer | undefined;
  private keeping: Promise<void> = Promise.resolve();
  private stopping = false;
  private held: Promise<void> | undefined;
  private releaseHeld: (() => void) | undefined;

  constructor(private readonly options: PartOptions) {}

  /** Process id of what runs now. */
  get currentPid(): number | undefined {
    return this.pid;
  }

  get name(): string {
    return this.options.name;
  }

  async start(): Promise<void> {
    this.stopping = false;
    const first = await this.launch();
    this.keeping = this.keep(first);
  }

  /** Orderly stop, without a restart. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.release();
    this.signal('SIGCONT');
    await this.current?.stop();
    await this.keeping;
  }

  /** SIGKILL to the whole group; the supervisor starts it again. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const { current } = this;
    this.signal('SIGKILL');
    await current?.exited;
  }

  /** SIGKILL at once, without waiting; for several parts at the same instant. */
  killNow(): void {
    this.signal('SIGKILL');
  }

  /** Stops the process as a whole, as a paused virtual machine is, until `thaw`. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** From now on a process that ends stays down until `release`. */
  hold(): void {
    this.held ??= new Promise((resolve) => {
      this.releaseHeld = resolve;
    });
  }

  release(): void {
    this.releaseHeld?.();
    this.held = undefined;
    this.releaseHeld = undefined;
  }

  /** Waits until a process that was spawned after `since` (wall-clock milliseconds) is ready. Throws after `timeoutMs`. */
  async backSince(since: number, timeoutMs = 120_000): Promise<number> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const ready = this.readyAt.find((at) => at > since);
      if (ready !== undefined) return ready;
      if (Date.now() > deadline)
        throw new Error(`${this.name} is not back after ${String(timeoutMs / 1000)} s`);
      await pause(25);
    }
  }

  /** The group: Vault's plugins and the worker's sandboxes belong to it. */
  private signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // it has ended already
    }
  }

  private async launch(): Promise<RunningServer> {
    const server = await this.options.start((spawned) => {
      this.pid = spawned.pid;
      this.spawnedAt.push(Date.now());
      return Promise.resolve();
    });
    this.current = server;
    this.readyAt.push(Date.now());
    return server;
  }

  private async keep(first: RunningServer): Promise<void> {
    for (let server: RunningServer | undefined = first; ;) {
      await server?.exited;
      this.signal('SIGKILL'); // what outlived its leader
      this.pid = undefined;
      if (this.isStopping()) return;
      await pause(this.options.restartAfterMs);
      await this.held;
      if (this.isStopping()) return;
      server = await this.launch().catch(() => undefined);
    }
  }

  private isStopping(): boolean {
    return this.stopping;
  }
}
