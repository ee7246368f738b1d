import { setTimeout as pause } from 'node:timers/promises';
import { endProcess } from '../servers/end-process.js';
import type { RunningServer, SpawnHook, SpawnedServer } from '../servers/server-process.js';
import type { StackHome } from '../stack-home.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { decideRestart } from './restart-policy.js';
import type { PartName, PartState } from './stack-status.js';

/** How one part of the stack is started. Called again for every restart, so it must be repeatable. */
export interface PartDefinition {
  readonly name: PartName;
  start(onSpawn: SpawnHook): Promise<{ readonly server: RunningServer; readonly version: string | null }>;
}

/** Told about every change; `note` is one sentence for the terminal. */
export type PartListener = (change: { readonly part: SupervisedPart; readonly note?: string }) => void;

/** One part, kept alive until `stop`: a part that ends by itself is started again, with back-off and a limit. */
export class SupervisedPart {
  state: PartState = 'stopped';
  version: string | null = null;
  /** Restarts since the supervisor started. */
  restarts = 0;
  private spawned: SpawnedServer | undefined;
  private restartsInARow = 0;
  private readonly stopping = new AbortController();
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: StackHome,
    private readonly definition: PartDefinition,
    private readonly listener: PartListener,
  ) {}

  get name(): PartName {
    return this.definition.name;
  }

  get pid(): number | null {
    return this.spawned?.pid ?? null;
  }

  /** First start; resolves when the part is ready. A failure here is final: the caller stops the stack. */
  async start(): Promise<void> {
    this.change('starting');
    const server = await this.launch().catch((error: unknown) => {
      this.change('failed');
      throw error;
    });
    this.keeping = this.keep(server, performance.now());
  }

  /** Ends the part, also in the middle of a start or a restart, and waits until it is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.spawned !== undefined) {
      const { pid, identity, stopSignal, stopGraceMs } = this.spawned;
      await endProcess({ pid, identity, signal: stopSignal, graceMs: stopGraceMs });
    }
    await this.keeping;
    await this.forget();
    this.change('stopped');
  }

  /** SIGKILL to the part's whole group, at once. */
  kill(): void {
    this.stopping.abort();
    this.killGroup();
  }

  /** The group is ours as long as it has members, also after its leader died: Vault's plugins outlive a killed Vault. */
  private killGroup(): void {
    if (this.spawned === undefined) return;
    try {
      process.kill(-this.spawned.pid, 'SIGKILL');
    } catch {
      // no member is left
    }
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async launch(): Promise<RunningServer> {
    const { server, version } = await this.definition.start(async (spawned) => {
      this.stopping.signal.throwIfAborted(); // stopped between two restarts: launchServer ends the new process
      this.spawned = spawned;
      await writePidFile(this.home, { ...spawned, startedAt: new Date().toISOString() });
      this.change('starting');
    });
    this.version = version;
    this.change('ready');
    return server;
  }

  private async keep(first: RunningServer, firstReady: number): Promise<void> {
    let [server, readyAt]: [RunningServer | undefined, number] = [first, firstReady];
    for (;;) {
      const exit = await server?.exited;
      if (this.isStopping()) return;
      this.killGroup();
      await this.forget();
      const readyMs = server === undefined ? 0 : performance.now() - readyAt;
      const decision = decideRestart(this.restartsInARow, readyMs);
      this.restartsInARow = decision.restarts;
      const how =
        exit === undefined ? 'did not start' : `ended (${exit.signal ?? `exit code ${String(exit.code)}`})`;
      if (decision.kind === 'give-up') {
        this.change('failed', `${this.name} ${how} too often and stays down; read its log`);
        return;
      }
      this.restarts += 1;
      this.change(
        'restarting',
        `${this.name} ${how}; starting it again in ${String(decision.delayMs / 1000)} s`,
      );
      await pause(decision.delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.isStopping()) return;
      server = await this.launch().catch(() => undefined);
      readyAt = performance.now();
    }
  }

  private async forget(): Promise<void> {
    this.spawned = undefined;
    await removePidFile(this.home, this.name);
  }

  private change(state: PartState, note?: string): void {
    this.state = state;
    this.listener({ part: this, ...(note === undefined ? {} : { note }) });
  }
}
