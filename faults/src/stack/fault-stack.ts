import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bootstrapPostgres,
  bootstrapVault,
  createStackHome,
  freePort,
  launchServer,
  planServices,
  PORT_NAMES,
  resolveToolchain,
  startPostgres,
  startTemporal,
  startVault,
  type PortMap,
  type StackHome,
  type Toolchain,
} from '@ecluse/local-stack';
import { Part } from './part.js';
import {
  serviceStarts,
  type Overrides,
  type SecondName,
  type SecondPorts,
  type ServiceName,
  type ServiceStart,
} from './service-settings.js';
import { VaultControl } from './vault-control.js';

/** Processes of a stack under test, in start order. */
export const PARTS = [
  'postgres',
  'temporal',
  'vault',
  'worker',
  'worker-2',
  'ingress',
  'ingress-2',
  'admin-api',
] as const;
export type PartName = (typeof PARTS)[number];

export interface FaultStackOptions {
  /** Data folder; made when it is missing. */
  readonly home: string;
  /** Checkout whose built services run; a sabotaged copy, or this one. */
  readonly checkout: string;
  readonly overrides?: Overrides;
}

/** A killed worker is started again after two seconds, everything else after half a second. Milliseconds. */
const RESTART_MS = { worker: 2_000, others: 500 } as const;

/** The product's processes, each on its own leash: real servers, built services, and a supervisor per process. */
export class FaultStack {
  readonly vault: VaultControl;
  private readonly parts = new Map<PartName, Part>();
  private starts: ServiceStart[] = [];
  private plan: ((overrides: Overrides) => ServiceStart[]) | undefined;
  private superuser = '';
  /** Processes of the stack do not keep this one alive by themselves. */
  private readonly alive = setInterval(() => undefined, 60_000);

  private readonly endWithUs = (): void => {
    this.killAll();
  };

  private constructor(
    readonly home: StackHome,
    readonly ports: PortMap & SecondPorts,
    private readonly options: FaultStackOptions,
    private readonly toolchain: Toolchain,
  ) {
    process.once('exit', this.endWithUs);
    this.vault = new VaultControl(`http://127.0.0.1:${String(ports.vault)}`, home);
  }

  /** Starts one of everything. */
  static async start(options: FaultStackOptions): Promise<FaultStack> {
    const home = await createStackHome(options.home);
    await mkdir(join(home.root, 'failpoints'), { recursive: true });
    const toolchain = await resolveToolchain({ env: process.env });
    const stack = new FaultStack(home, await choosePorts(), options, toolchain);
    try {
      await stack.startAll();
      return stack;
    } catch (error) {
      stack.killAll();
      throw error;
    }
  }

  part(name: PartName): Part {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`${name} was not started`);
    return part;
  }

  /** Process groups that run now. */
  get groups(): readonly number[] {
    return [...this.parts.values()].flatMap(({ currentPid }) => currentPid ?? []);
  }

  get superuserUrl(): string {
    return this.superuser;
  }

  get failpointFolder(): string {
    return join(this.home.root, 'failpoints');
  }

  doorUrl(second = false): string {
    return `http://127.0.0.1:${String(second ? this.ports.secondDoor : this.ports.door)}`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${String(this.ports.adminApi)}`;
  }

  /** A file below `secrets`, trimmed. */
  async secret(name: string): Promise<string> {
    return (await readFile(join(this.home.secrets, name), 'utf8')).trim();
  }

  /** Starts a second ingress or worker: both serve the same inbox, or poll the same queue. */
  async startSecond(name: SecondName): Promise<void> {
    await this.startService(name);
  }

  async stopSecond(name: SecondName): Promise<void> {
    await this.parts.get(name)?.stop();
    this.parts.delete(name);
  }

  /** Restarts services, in order, with other settings; none gives the plain ones back. */
  async reconfigure(names: readonly ServiceName[], overrides: Overrides): Promise<void> {
    this.starts = this.plan?.({ ...this.options.overrides, ...overrides }) ?? [];
    for (const name of names) {
      await this.part(name).stop();
      await this.part(name).start();
    }
  }

  /** SIGKILL to every process at the same instant, as a power cut does. Their supervisors go on. */
  cutPower(): void {
    for (const part of this.parts.values()) part.killNow();
  }

  /** Temporal comes back with an empty database, as after a restore to before everything. */
  async wipeTemporal(): Promise<void> {
    const part = this.part('temporal');
    part.hold();
    await part.kill();
    await rm(this.home.temporal, { recursive: true, force: true });
    await mkdir(this.home.temporal, { mode: 0o700 });
    part.release();
  }

  async stop(): Promise<void> {
    for (const name of [...PARTS].reverse()) await this.parts.get(name)?.stop();
    clearInterval(this.alive);
    process.off('exit', this.endWithUs);
  }

  /** Without order or grace, and without restarts. */
  killAll(): void {
    for (const part of this.parts.values()) {
      part.hold();
      part.killNow();
    }
  }

  private async startAll(): Promise<void> {
    const { home, ports, toolchain } = this;
    await this.startPart('postgres', RESTART_MS.others, async (onSpawn) => {
      const server = await startPostgres({ home, port: ports.postgres, onSpawn });
      this.superuser = server.superuserUrl;
      return server;
    });
    await this.startPart('temporal', RESTART_MS.others, (onSpawn) =>
      startTemporal({ home, binary: toolchain.temporal.path, port: ports.temporal, onSpawn }),
    );
    let opened = false;
    await this.startPart('vault', RESTART_MS.others, async (onSpawn) => {
      const { path: binary, pluginDirectory } = toolchain.vault;
      const plugin = pluginDirectory === undefined ? {} : { pluginDirectory };
      const where = { home, port: ports.vault, clusterPort: ports.vaultCluster };
      const server = await startVault({ ...where, binary, ...plugin, onSpawn });
      if (opened) await this.vault.unseal();
      return server;
    });
    await this.bootstrap();
    opened = true;
    for (const name of ['worker', 'ingress', 'admin-api'] as const) await this.startService(name);
  }

  private async bootstrap(): Promise<void> {
    const { home, ports, toolchain } = this;
    const server = { port: ports.postgres, superuserUrl: this.superuser };
    const { pluginDirectory } = toolchain.vault;
    const postgres = await bootstrapPostgres({ home, server, tenant: 'acme' });
    const vault = await bootstrapVault({
      home,
      tenant: 'acme',
      address: `http://127.0.0.1:${String(ports.vault)}`,
      postgres: Promise.resolve(server),
      ...(pluginDirectory === undefined ? {} : { pluginDirectory }),
    });
    const inherited = {
      ...process.env,
      ECLUSE_FAILPOINTS: 'enabled',
      ECLUSE_FAILPOINT_FOLDER: this.failpointFolder,
    };
    const planned = planServices({ ports, postgres, vault, inherited });
    this.plan = (overrides) => serviceStarts(planned, ports, overrides);
    this.starts = this.plan(this.options.overrides ?? {});
  }

  private startService(name: ServiceName): Promise<void> {
    return this.startPart(
      name,
      name.startsWith('worker') ? RESTART_MS.worker : RESTART_MS.others,
      (onSpawn) => {
        const start = this.starts.find((each) => each.name === name);
        if (start === undefined) throw new Error(`no service ${name}`);
        return launchServer({
          name,
          command: process.execPath,
          args: ['--enable-source-maps', join(this.options.checkout, start.entry)],
          cwd: this.home.root,
          env: { ...start.env },
          logs: this.home.logs,
          stopGraceMs: start.stopGraceMs,
          onSpawn,
          ready: async () => {
            const response = await fetch(start.readyUrl, { signal: AbortSignal.timeout(3_000) });
            await response.arrayBuffer();
            return response.status === 200;
          },
        });
      },
    );
  }

  private async startPart(
    name: PartName,
    restartAfterMs: number,
    start: ConstructorParameters<typeof Part>[0]['start'],
  ): Promise<void> {
    const part = new Part({ name, start, restartAfterMs });
    this.parts.set(name, part);
    await part.start();
  }
}

async function choosePorts(): Promise<PortMap & SecondPorts> {
  const ports: Record<string, number> = {};
  for (const name of [...PORT_NAMES, 'secondDoor', 'secondWorkerHealth']) ports[name] = await freePort();
  return ports as unknown as PortMap & SecondPorts;
}
