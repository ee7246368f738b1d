import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EcluseError } from '@ecluse/errors';
import { bootstrapPostgres, type PostgresAccess } from '../bootstrap/bootstrap-postgres.js';
import { bootstrapVault, type VaultAccess } from '../bootstrap/bootstrap-vault.js';
import { findPostgresBinaries } from '../servers/postgres-binaries.js';
import { startPostgres, type PostgresServer } from '../servers/postgres-server.js';
import { launchServer } from '../servers/server-process.js';
import { startTemporal } from '../servers/temporal-server.js';
import { startVault } from '../servers/vault-server.js';
import type { StackHome } from '../stack-home.js';
import type { Toolchain } from '../toolchain/resolve-toolchain.js';
import type { PortMap } from './port-plan.js';
import type { ServiceLaunch } from './service-plan.js';
import { checkoutRoot } from './stack-location.js';
import type { PartDefinition } from './supervised-part.js';

/** What the servers of one stack share. */
export interface ServerContext {
  readonly home: StackHome;
  readonly ports: PortMap;
  readonly toolchain: Toolchain;
  readonly tenant: string;
}

/** The three servers and what their bootstrap found out. A restarted server keeps its data and its access. */
export class StackServers {
  private postgresServer: PostgresServer | undefined;
  private vaultWasOpened = false;

  constructor(private readonly context: ServerContext) {}

  get postgres(): PartDefinition {
    const { home, ports } = this.context;
    return {
      name: 'postgres',
      start: async (onSpawn) => {
        const server = await startPostgres({ home, port: ports.postgres, onSpawn });
        this.postgresServer = server;
        return { server, version: await postgresVersion() };
      },
    };
  }

  get temporal(): PartDefinition {
    const { home, ports, toolchain } = this.context;
    return {
      name: 'temporal',
      start: async (onSpawn) => {
        const options = {
          home,
          binary: toolchain.temporal.path,
          port: ports.temporal,
          uiPort: ports.temporalUi,
        };
        const server = await startTemporal({ ...options, onSpawn });
        return { server, version: toolchain.temporal.version };
      },
    };
  }

  get vault(): PartDefinition {
    const { home, ports, toolchain } = this.context;
    return {
      name: 'vault',
      start: async (onSpawn) => {
        const server = await startVault({
          home,
          binary: toolchain.vault.path,
          port: ports.vault,
          clusterPort: ports.vaultCluster,
          ...this.plugin(),
          onSpawn,
        });
        if (this.vaultWasOpened) await this.openVault(); // a restart: unseal it, or nobody can use it
        return { server, version: toolchain.vault.version };
      },
    };
  }

  /** Sets both up: roles, databases, migrations; then engines, policies, AppRoles. Repeatable. */
  async bootstrap(): Promise<{ postgres: PostgresAccess; vault: VaultAccess }> {
    const { home, tenant } = this.context;
    const postgres = bootstrapPostgres({ home, server: this.runningPostgres(), tenant });
    const vault = this.openVault(postgres);
    const [postgresAccess, vaultAccess] = await Promise.all([postgres, vault]);
    this.vaultWasOpened = true;
    return { postgres: postgresAccess, vault: vaultAccess };
  }

  private openVault(after: Promise<unknown> = Promise.resolve()): Promise<VaultAccess> {
    const { home, ports, tenant } = this.context;
    return bootstrapVault({
      home,
      tenant,
      address: `http://127.0.0.1:${String(ports.vault)}`,
      postgres: after.then(() => this.runningPostgres()),
      ...this.plugin(),
    });
  }

  private plugin(): { pluginDirectory?: string } {
    const { pluginDirectory } = this.context.toolchain.vault;
    return pluginDirectory === undefined ? {} : { pluginDirectory };
  }

  private runningPostgres(): PostgresServer {
    if (this.postgresServer === undefined)
      throw new EcluseError('STACK_BROKEN', { detail: 'PostgreSQL was not started' });
    return this.postgresServer;
  }
}

/** A service of Ecluse: ready once its own readiness endpoint says so; its version is what that endpoint tells. */
export function servicePart(home: StackHome, launch: ServiceLaunch): PartDefinition {
  return {
    name: launch.name,
    start: async (onSpawn) => {
      let version: string | null = null;
      const server = await launchServer({
        name: launch.name,
        command: process.execPath,
        args: ['--enable-source-maps', join(checkoutRoot, launch.entry)],
        cwd: home.root,
        env: { ...launch.env },
        logs: home.logs,
        stopGraceMs: launch.stopGraceMs,
        onSpawn,
        ready: async () => {
          const response = await fetch(launch.readyUrl, { signal: AbortSignal.timeout(3_000) });
          const report = (await response.json()) as { version?: unknown };
          version = typeof report.version === 'string' ? report.version : null;
          return response.status === 200;
        },
      });
      return { server, version };
    },
  };
}

/** First version number that the installed `postgres` prints; null when it does not say. */
async function postgresVersion(): Promise<string | null> {
  const printed = await promisify(execFile)(findPostgresBinaries().postgres, ['--version']).catch(
    () => undefined,
  );
  return /\d+\.\d+(?:\.\d+)?/.exec(printed?.stdout ?? '')?.[0] ?? null;
}
