import { createStackHome, stackHome, type StackHome } from '../stack-home.js';
import { resolveToolchain } from '../toolchain/resolve-toolchain.js';
import { refuseFullDisk, watchDisk } from './disk-space.js';
import { becomeSupervisor } from './instance-lock.js';
import { endLeftovers } from './leftovers.js';
import { servicePart, StackServers } from './part-definitions.js';
import { planPorts, type PortMap } from './port-plan.js';
import { machinePorts } from './port-probe.js';
import { planServices } from './service-plan.js';
import { openStackFile, writeStackFile } from './stack-file.js';
import type { StackProgress } from './stack-progress.js';
import type { PartName, StackStatus } from './stack-status.js';
import { StatusBoard } from './status-board.js';
import { SupervisedPart, type PartDefinition } from './supervised-part.js';

/** How a local stack is started. */
export interface LocalStackOptions {
  /** Data folder; made when it is missing. */
  readonly home: string;
  /** Version of Ecluse, for `status.json`. */
  readonly version: string;
  /** Ports that must be exactly these. */
  readonly requestedPorts: Partial<PortMap>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: StackProgress;
  /** Default `acme`, the tenant of the example. */
  readonly tenant?: string;
}

/** Steps that `LocalStack.start` reports. */
export const STACK_STEPS = 5;

/** Reverse of what depends on what; the worker drains while Temporal, Vault and PostgreSQL still answer. */
const STOP_ORDER: readonly PartName[] = ['ingress', 'admin-api', 'worker', 'temporal', 'vault', 'postgres'];

/** PostgreSQL, Temporal, Vault and the services of Ecluse on one data folder, kept running until `stop`. */
export class LocalStack {
  private readonly parts = new Map<PartName, SupervisedPart>();
  private readonly board: StatusBoard;
  private readonly stopping = new AbortController();
  // Children are unreferenced so that they may outlive a killed supervisor; this one must stay until they are stopped.
  private readonly staying = setInterval(() => undefined, 60_000);
  private stopped: Promise<void> | undefined;
  private readonly endWatch: () => void;

  private constructor(
    private readonly home: StackHome,
    private readonly ports: PortMap,
    private readonly options: LocalStackOptions,
    private readonly release: () => Promise<void>,
  ) {
    this.board = new StatusBoard(home, ports, options.version, this.parts, (text) => {
      options.progress.note(text);
    });
    this.endWatch = watchDisk(home, (text) => {
      options.progress.note(text);
    });
  }

  /**
   * Takes the data folder: checks its layout, becomes its one supervisor, ends what a killed one left, plans ports.
   * Throws `STACK_VERSION`, `STACK_RUNNING`, `PORT_IN_USE`, `CONFIG_INVALID` or `DISK_FULL`; nothing runs then.
   */
  static async open(options: LocalStackOptions): Promise<LocalStack> {
    const { progress } = options;
    const file = await openStackFile(stackHome(options.home));
    const home = await createStackHome(options.home);
    await refuseFullDisk(home);
    const release = await becomeSupervisor(home);
    try {
      for (const { name, pid } of await endLeftovers(home)) {
        progress.note(`ended ${name} (pid ${String(pid)}), left by a supervisor that was killed`);
      }
      const wishes = { requested: options.requestedPorts, previous: file.ports };
      const { ports, notes } = await planPorts(wishes, machinePorts);
      for (const text of notes) progress.note(text);
      await writeStackFile(home, ports);
      return new LocalStack(home, ports, options, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  get status(): StackStatus {
    return this.board.status;
  }

  /** Aborted as soon as `stop` was called. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /**
   * Starts everything in order and resolves when every part is ready. Throws what went wrong first; the caller then
   * calls `stop`, which ends what had started.
   */
  async start(): Promise<StackStatus> {
    const { progress } = this.options;
    this.board.publish();
    const servers = await progress.step('find or build Temporal and Vault', (doing) =>
      this.findServers(doing),
    );
    await progress.step('PostgreSQL', () => this.startPart(servers.postgres));
    await progress.step('Temporal and Vault', () =>
      this.all([this.startPart(servers.temporal), this.startPart(servers.vault)]),
    );
    const access = await progress.step('databases, migrations, policies and keys', () => servers.bootstrap());
    const launches = planServices({
      ports: this.ports,
      ...access,
      inherited: this.options.environment,
    });
    await progress.step('ingress, worker and admin API', () =>
      this.all(launches.map((launch) => this.startPart(servicePart(this.home, launch)))),
    );
    this.stopping.signal.throwIfAborted();
    this.board.enter('ready');
    await this.board.settled();
    return this.status;
  }

  /** Stops all parts in order, also in the middle of a start. Repeated calls share one stop. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopInOrder());
  }

  /** Ends everything at once, without order or grace. */
  kill(): void {
    this.stopping.abort();
    for (const part of this.parts.values()) part.kill();
  }

  private async stopInOrder(): Promise<void> {
    this.stopping.abort();
    this.board.enter('stopping');
    for (const name of STOP_ORDER) await this.parts.get(name)?.stop();
    await this.board.clear();
    await this.release();
    this.endWatch();
    clearInterval(this.staying);
  }

  private async findServers(doing: (text: string, output?: string) => void): Promise<StackServers> {
    const { tenant = 'acme', environment } = this.options;
    const toolchain = await resolveToolchain({
      env: environment,
      signal: this.stopping.signal,
      onProgress: ({ part, step, total, what, lastLine }) => {
        doing(`building ${part}, ${String(step)} of ${String(total)}: ${what}`, lastLine);
      },
    });
    return new StackServers({ home: this.home, ports: this.ports, toolchain, tenant });
  }

  private async startPart(definition: PartDefinition): Promise<void> {
    this.stopping.signal.throwIfAborted();
    const part = new SupervisedPart(this.home, definition, ({ note }) => {
      if (note !== undefined) this.options.progress.note(note);
      this.board.publish();
    });
    this.parts.set(definition.name, part);
    await part.start();
  }

  /** Waits for all, also after a failure, so that `stop` finds every process that was started. */
  private async all(starts: readonly Promise<void>[]): Promise<void> {
    const results = await Promise.allSettled(starts);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
