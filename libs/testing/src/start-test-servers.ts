import {
  bootstrapPostgres,
  bootstrapVault,
  createStackHome,
  freePort,
  inSession,
  resolveToolchain,
  startPostgres,
  startTemporal,
  startVault,
  withDatabase,
  type PostgresServer,
  type StackHome,
  type ToolchainServer,
  type VaultAccess,
} from '@ecluse/local-stack';
import { TEMPLATE_DATABASE } from './test-database.js';
import { TestFolder } from './test-folder.js';
import type { TestServers } from './test-servers.js';

/** Servers of one test run and how to end them. */
export interface StartedTestServers {
  readonly servers: TestServers;
  /** Stops them and removes their data. */
  stop(): Promise<void>;
}

const TENANT = 'acme';

/**
 * Starts PostgreSQL, Temporal and Vault on free ports in a folder of their own, set up as `npm start` does it.
 * Throws what starting them throws, after stopping those that did start.
 */
export async function startTestServers(): Promise<StartedTestServers> {
  const toolchain = await resolveToolchain();
  const folder = await TestFolder.create();
  const home = await createStackHome(folder.path);
  const stop = (): Promise<void> => folder.remove();
  const postgres = freePort()
    .then((port) => startPostgres({ home, port, durable: false, onSpawn: folder.track }))
    .then((server) => preparePostgres(home, server));
  const temporal = freePort().then((port) =>
    startTemporal({ home, port, binary: toolchain.temporal.path, onSpawn: folder.track }),
  );
  const vault = prepareVault(home, toolchain.vault, postgres, folder);
  const parts = [postgres, temporal, vault] as const;
  try {
    const [atPostgres, atTemporal, atVault] = await Promise.all(parts);
    const { address, namespace } = atTemporal;
    const servers: TestServers = {
      postgres: describePostgres(home, atPostgres),
      vault: atVault,
      temporal: { address, namespace },
      toolchain,
    };
    return { servers, stop };
  } catch (error) {
    await Promise.allSettled(parts); // a part still on its way would start after the stop
    await stop();
    throw error;
  }
}

async function preparePostgres(home: StackHome, server: PostgresServer): Promise<PostgresServer> {
  await bootstrapPostgres({ home, server, tenant: TENANT });
  await inSession(server.superuserUrl, async (client) => {
    await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE} TEMPLATE ecluse OWNER ecluse_owner`);
    await client.query(`REVOKE ALL ON DATABASE ${TEMPLATE_DATABASE} FROM PUBLIC`);
  });
  return server;
}

async function prepareVault(
  home: StackHome,
  { path: binary, pluginDirectory }: ToolchainServer,
  postgres: Promise<PostgresServer>,
  folder: TestFolder,
): Promise<VaultAccess> {
  const plugin = pluginDirectory === undefined ? {} : { pluginDirectory };
  const [port, clusterPort] = await Promise.all([freePort(), freePort()]);
  const server = await startVault({ home, binary, port, clusterPort, ...plugin, onSpawn: folder.track });
  return bootstrapVault({ home, address: server.address, postgres, tenant: TENANT, ...plugin });
}

function describePostgres(home: StackHome, server: PostgresServer): TestServers['postgres'] {
  const { port, superuserUrl } = server;
  return {
    host: '127.0.0.1',
    port,
    superuserUrl,
    erpUrl: withDatabase(superuserUrl, 'erp'),
    secrets: home.secrets,
  };
}
