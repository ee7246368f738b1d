import type { DataConverter } from '@temporalio/common';
import type { FlowBatchActivities, FlowRunActivities, LaneRecordActivities } from '@ecluse/contracts';
import {
  ConnectionCircuits,
  createConnectorCallActivities,
  createFirstTry,
  createShortCalls,
  type ConnectorCatalog,
} from '@ecluse/connector-call';
import { createBatchRunActivities } from '@ecluse/batch-run';
import type { CredentialBroker } from '@ecluse/credentials';
import { createVaultCredentialBroker } from '@ecluse/credentials/vault';
import { DeliveryDocuments } from '@ecluse/delivery-document';
import { armFailpoints } from '@ecluse/failpoints';
import { createLaneRecordActivities } from '@ecluse/lane-record';
import { createMappingEvaluator } from '@ecluse/mapping';
import { platformObservers } from '@ecluse/metrics';
import type { Logger } from '@ecluse/observability';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createRunOpener, createRunRecordActivities } from '@ecluse/run-record';
import {
  CachedConnectionReader,
  createDataSource,
  observeWorkerGroups,
  PostgresAttemptLog,
  PostgresBatchStore,
  PostgresConnectionReader,
  PostgresConnectionStates,
  PostgresDeliveryReader,
  PostgresEffectLedger,
  PostgresLaneRecord,
  PostgresRunStore,
  PostgresRunWaits,
} from '@ecluse/storage/postgres';
import { createDataConverter, tenantOfWorkflow } from '@ecluse/temporal';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import { activityEvaluator } from './activity-evaluator.js';
import { WorkerConnectors } from './connector-catalog.js';
import { batchOutputs, bodyOpener, effectOutputs } from './stored-payloads.js';
import {
  circuitObserver,
  createWorkerMetrics,
  observedAttempts,
  observedRuns,
  type WorkerMetrics,
} from './worker-metrics.js';
import type { WorkerConfig } from './worker.config.js';

type DataSource = ReturnType<typeof createDataSource>;

/** Everything that a worker is made of, wired here and nowhere else. */
export interface WorkerParts {
  dataSource: DataSource;
  vault: VaultClient;
  broker: CredentialBroker;
  dataConverter: DataConverter;
  metrics: WorkerMetrics;
  /** To be opened once the data source is connected. */
  circuits: ConnectionCircuits;
  activities: FlowRunActivities & LaneRecordActivities & FlowBatchActivities;
  /** Revokes leases, ends sessions, and closes everything. Bounded; never throws. */
  close(): Promise<void>;
}

/** Wires the parts; makes no request yet. */
export function createWorkerParts(
  config: Readonly<WorkerConfig>,
  log: Logger,
  connectors: ConnectorCatalog & { close(): Promise<void> } = new WorkerConnectors(),
): WorkerParts {
  const metrics = createWorkerMetrics();
  const { onRequest, onStatement } = platformObservers(metrics.instruments, 'worker');
  const dataSource = createDataSource({
    url: config.databaseUrl,
    applicationName: 'ecluse-worker',
    onStatement,
    // Each call holds at most one connection at a time, and most of the time none.
    poolSize: Math.min(config.maxConcurrentCalls, 20),
  });
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.vaultRoleId,
    secretIdFile: config.vaultSecretIdFile,
    name: 'worker',
    log,
    onRequest,
  });
  const broker = createVaultCredentialBroker(vault, {
    log,
    onUse: (result) => {
      metrics.instruments.leases.add({ result });
    },
  });
  observeWorkerGroups(dataSource, (items) => {
    metrics.instruments.groupItems.observe({ part: 'worker' }, items);
  });
  const evaluator = activityEvaluator(createMappingEvaluator());
  const sealer = createSealer(createVaultDataKeys(vault));
  const codec = createTemporalCodec({
    sealer,
    namespace: config.temporalNamespace,
    tenantOf: tenantOfWorkflow,
  });
  const failpoints = armFailpoints({
    setting: config.failpoints,
    point: config.failpoint,
    folder: config.failpointFolder,
  });
  const documents = new DeliveryDocuments({
    deliveries: new PostgresDeliveryReader(dataSource),
    openBody: bodyOpener(sealer),
  });
  const connections = new CachedConnectionReader(new PostgresConnectionReader(dataSource));
  const runs = observedRuns(new PostgresRunStore(dataSource), metrics);
  const circuits = new ConnectionCircuits({
    store: new PostgresConnectionStates(dataSource),
    log,
    observer: circuitObserver(metrics),
  });
  const calls = {
    documents,
    evaluator,
    connections,
    connectors,
    broker,
    attempts: observedAttempts(new PostgresAttemptLog(dataSource), metrics),
    ledger: new PostgresEffectLedger(dataSource),
    outputs: effectOutputs(sealer),
    circuits,
    waits: new PostgresRunWaits(dataSource),
    failpoints,
    log,
  };
  const opening = { runs, documents, evaluator, shortCalls: createShortCalls({ connections, connectors }) };
  const activities = {
    ...createRunRecordActivities({ ...opening, tryCall: createFirstTry(calls), failpoints }),
    ...createLaneRecordActivities({
      lanes: new PostgresLaneRecord(dataSource),
      openRun: createRunOpener(opening),
    }),
    ...createConnectorCallActivities(calls),
    ...createBatchRunActivities({
      ...calls,
      runs,
      batches: new PostgresBatchStore(dataSource),
      batchOutputs: batchOutputs(sealer),
    }),
  };
  return {
    dataSource,
    vault,
    broker,
    dataConverter: createDataConverter(codec),
    metrics,
    circuits,
    activities,
    close: async () => {
      // Sessions before their users, users before the token that owns the leases.
      await settled(log, 'circuits', () => circuits.close());
      await settled(log, 'connectors', () => connectors.close());
      await settled(log, 'credentials', () => broker.close());
      await settled(log, 'vault', () => vault.close());
      await settled(log, 'mapping', () => evaluator.close());
      await settled(log, 'postgres', async () => {
        if (dataSource.isInitialized) await dataSource.destroy();
      });
    },
  };
}

async function settled(log: Logger, part: string, close: () => Promise<void>): Promise<void> {
  try {
    await close();
  } catch (error) {
    log.warn('part did not close cleanly', { part, error });
  }
}
