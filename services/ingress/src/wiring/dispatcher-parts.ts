import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Failpoints } from '@ecluse/failpoints';
import { platformObservers } from '@ecluse/metrics';
import type { Logger } from '@ecluse/observability';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import {
  createDataSource,
  PostgresBatchDispatch,
  PostgresDepths,
  PostgresDispatchStore,
  PostgresLaneDispatch,
  PostgresReconcileStore,
} from '@ecluse/storage/postgres';
import {
  createDataConverter,
  createTemporalClient,
  tenantOfWorkflow,
  type TemporalClient,
} from '@ecluse/temporal';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import { BatchStarts } from '../dispatch/batch-starts.js';
import { Dispatcher } from '../dispatch/dispatcher.service.js';
import { EngineGate } from '../dispatch/engine-gate.js';
import { LaneStarts } from '../dispatch/lane-starts.js';
import { PartitionKeeper } from '../dispatch/partition-keeper.js';
import { QUEUE_LIMITS } from '../dispatch/queue-quota.js';
import { Reconciler } from '../dispatch/reconciler.js';
import { Round } from '../dispatch/round.js';
import { RunStarts } from '../dispatch/run-starts.js';
import { StartPool } from '../dispatch/start-pool.js';
import { TemporalEngine } from '../dispatch/temporal-engine.js';
import type { IngressConfig } from '../ingress.config.js';
import { DatabaseLink } from './database-link.js';
import { dispatchObserver, sampleDepths, type IngressMetrics } from './ingress-metrics.js';

/** What the dispatcher is made of, with its own database role and its own Vault login. */
export interface DispatcherParts {
  dispatcher: Dispatcher;
  checks: Record<string, () => Promise<void>>;
  open(): void;
  close(): Promise<void>;
}

/** Longer than a round and its starts may take. */
const CLAIM_SECONDS = 10;

export interface DispatcherContext {
  failpoints: Failpoints;
  metrics: IngressMetrics;
  log: Logger;
}

export function createDispatcherParts(config: IngressConfig, context: DispatcherContext): DispatcherParts {
  const { metrics, log } = context;
  const { onRequest, onStatement } = platformObservers(metrics.instruments, 'dispatcher');
  const database = new DatabaseLink(
    createDataSource({
      url: config.dispatcherDatabaseUrl,
      applicationName: 'ecluse-dispatcher',
      poolSize: 25,
      onStatement,
    }),
    log,
  );
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.dispatcherVaultRoleId,
    secretIdFile: config.dispatcherVaultSecretIdFile,
    name: 'dispatcher',
    log,
    onRequest,
  });
  const temporal = connectTemporal(config, vault);
  const dispatcher = assemble(config, { ...context, database, engine: new TemporalEngine(temporal) });
  sampleDepths(metrics, new PostgresDepths(database.dataSource));
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

function connectTemporal(config: IngressConfig, vault: VaultClient): TemporalClient {
  const namespace = config.temporalNamespace;
  const sealer = createSealer(createVaultDataKeys(vault));
  const codec = createTemporalCodec({ sealer, namespace, tenantOf: tenantOfWorkflow });
  return createTemporalClient({
    address: config.temporalAddress,
    namespace,
    dataConverter: createDataConverter(codec),
    identity: 'ecluse-dispatcher',
  });
}

interface Shared extends DispatcherContext {
  database: DatabaseLink;
  engine: TemporalEngine;
}

function assemble(config: IngressConfig, { database, engine, failpoints, metrics, log }: Shared): Dispatcher {
  const claimant = `${hostname()}/${String(process.pid)}/${randomUUID().slice(0, 8)}`;
  const store = new PostgresDispatchStore(database.dataSource);
  const batches = new PostgresBatchDispatch(database.dataSource);
  const lanes = new PostgresLaneDispatch(database.dataSource);
  const observer = dispatchObserver(metrics);
  const common = { engine, failpoints, observer, log };
  const gate = new EngineGate(config.dispatcherConcurrency);
  metrics.instruments.startConcurrency.read({}, () => gate.limit);
  const pool = new StartPool(gate, log);
  const round = new Round(
    {
      store,
      batches,
      lanes,
      pool,
      observer,
      runStarts: new RunStarts({ ...common, store }),
      batchStarts: new BatchStarts({ ...common, batches }, CLAIM_SECONDS),
      laneStarts: new LaneStarts({ ...common, lanes }, claimant, CLAIM_SECONDS),
    },
    {
      claimant,
      claimSeconds: CLAIM_SECONDS,
      limits: { ...QUEUE_LIMITS, ownRuns: config.dispatcherOwnRuns, batches: config.dispatcherBatches },
    },
  );
  const partitions = new PartitionKeeper(store, log);
  const reconciler = new Reconciler(
    {
      ...common,
      store: new PostgresReconcileStore(database.dataSource),
      batches,
      lanes,
      onQueued: () => {
        dispatcher.wake();
      },
    },
    {
      claimant,
      everyMs: config.dispatcherReconcileSeconds * 1_000,
      olderThanSeconds: config.dispatcherReconcileAfterSeconds,
    },
  );
  const dispatcher = new Dispatcher(
    { store, round, pool, gate, partitions, reconciler, observer, log },
    config.dispatcherPollSeconds * 1_000,
  );
  return dispatcher;
}
