import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../servers/free-port.js';
import { startPostgres, type PostgresServer } from '../../servers/postgres-server.js';
import { startVault, type VaultServer } from '../../servers/vault-server.js';
import { createStackHome, type StackHome } from '../../stack-home.js';
import { resolveServer } from '../../toolchain/index.js';
import { bootstrapPostgres, type PostgresAccess } from '../bootstrap-postgres.js';
import { bootstrapVault, type VaultAccess } from '../bootstrap-vault.js';

/** PostgreSQL and Vault of one spec, on ports of their own, set up for tenant `acme`. */
export interface OwnServers {
  readonly postgres: PostgresServer;
  readonly vault: VaultServer;
  readonly postgresAccess: PostgresAccess;
  readonly vaultAccess: VaultAccess;
  /** Sets both up once more. */
  bootstrap(): Promise<{ postgresAccess: PostgresAccess; vaultAccess: VaultAccess }>;
  stop(): Promise<void>;
}

/** A folder that outlives its servers, for specs that start twice. */
export async function ownHome(): Promise<StackHome & { remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'bootstrap-spec-'));
  await chmod(root, 0o711);
  return { ...(await createStackHome(root)), remove: () => rm(root, { recursive: true, force: true }) };
}

export async function startOwnServers(home: StackHome): Promise<OwnServers> {
  const { path: binary, pluginDirectory } = await resolveServer('vault');
  const plugin = pluginDirectory === undefined ? {} : { pluginDirectory };
  const postgres = await startPostgres({ home, port: await freePort(), durable: false });
  const stopPostgres = async (error: unknown): Promise<never> => {
    await postgres.stop();
    throw error;
  };
  const [port, clusterPort] = [await freePort(), await freePort()];
  const vault = await startVault({ home, binary, port, clusterPort, ...plugin }).catch(stopPostgres);
  const stop = async (): Promise<void> => {
    await Promise.all([vault.stop(), postgres.stop()]);
  };
  const bootstrap: OwnServers['bootstrap'] = async () => {
    const postgresAccess = await bootstrapPostgres({ home, server: postgres, tenant: 'acme' });
    const options = {
      home,
      address: vault.address,
      postgres: Promise.resolve(postgres),
      tenant: 'acme',
      ...plugin,
    };
    return { postgresAccess, vaultAccess: await bootstrapVault(options) };
  };
  try {
    return { postgres, vault, bootstrap, stop, ...(await bootstrap()) };
  } catch (error) {
    await stop();
    throw error;
  }
}
