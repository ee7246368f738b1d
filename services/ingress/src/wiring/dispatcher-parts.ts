import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createDataSource, PostgresDispatchStore } from '@ecluse/storage/postgres';
import { createDataConverter, createTemporalClient, startFlowRun, tenantOfWorkflow } from '@ecluse/temporal';
import { createVaultClient } from '@ecluse/vault';
import { Dispatcher } from '../dispatch/dispatcher.service.js';
import { PartitionKeeper } from '../dispatch/partition-keeper.js';
import type { IngressConfig } from '../ingress.config.js';
import { DatabaseLink } from './database-link.js';

/** What the dispatcher is made of, with its own database role and its own Vault login. */
export interface DispatcherParts {
  dispatcher: Dispatcher;
  checks: Record<string, () => Promise<void>>;
  open(): void;
  close(): Promise<void>;
}

export function createDispatcherParts(
  config: IngressConfig,
  failpoints: Failpoints,
  log: Logger,
): DispatcherParts {
  const database = new DatabaseLink(
    createDataSource({
      url: config.dispatcherDatabaseUrl,
      applicationName: 'ecluse-dispatcher',
      poolSize: 25,
    }),
    log,
  );
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.dispatcherVaultRoleId,
    secretIdFile: config.dispatcherVaultSecretIdFile,
    name: 'dispatcher',
    log,
  });
  const namespace = config.temporalNamespace;
  const sealer = createSealer(createVaultDataKeys(vault));
  const codec = createTemporalCodec({ sealer, namespace, tenantOf: tenantOfWorkflow });
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace,
    dataConverter: createDataConverter(codec),
    identity: 'ecluse-dispatcher',
  });
  const store = new PostgresDispatchStore(database.dataSource);
  const dispatcher = new Dispatcher(
    {
      store,
      starter: { start: (run) => startFlowRun(temporal, run) },
      partitions: new PartitionKeeper(store, log),
      failpoints,
      log,
    },
    {
      claimant: `${hostname()}/${String(process.pid)}/${randomUUID().slice(0, 8)}`,
      pollMs: config.dispatcherPollSeconds * 1_000,
    },
  );
  return {
    dispatcher,
    checks: { inbox: () => database.check() },
    open: () => {
      database.open(() => {
        dispatcher.start();
        return Promise.resolve();
      });
    },
    close: async () => {
      await database.close();
      await temporal.close();
      await vault.close();
    },
  };
}
