import type { Failpoints } from '@ecluse/failpoints';
import { platformObservers } from '@ecluse/metrics';
import type { Logger } from '@ecluse/observability';
import { createSealer, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createDataSource, PostgresInboxWriter, PostgresSourceReader } from '@ecluse/storage/postgres';
import { createVaultClient } from '@ecluse/vault';
import { AcceptDelivery } from '../door/accept-delivery.js';
import { ConflictReports } from '../door/conflict-reports.js';
import type { DoorDeps } from '../door/door-adapter.js';
import type { DoorProblems } from '../door/door-problem.js';
import { InFlightBytes } from '../door/in-flight-bytes.js';
import { Pressure } from '../door/pressure.js';
import { SourceDirectory } from '../door/source-directory.js';
import { WebhookSecrets } from '../door/webhook-secrets.js';
import type { IngressConfig } from '../ingress.config.js';
import { DatabaseLink } from './database-link.js';
import type { IngressMetrics } from './ingress-metrics.js';

/** What the door is made of, with its own database role and its own Vault login. */
export interface DoorParts {
  door: DoorDeps;
  checks: Record<string, () => Promise<void>>;
  open(): void;
  close(): Promise<void>;
}

/**
 * Times after which PostgreSQL counts as away, milliseconds: long before a sender gives up, so that the door gets its
 * connections back soon after a partition.
 */
const DATABASE = { statementTimeoutMs: 2_000, connectTimeoutMs: 1_000 };
/** Longest wait for Vault where a data key is not at hand, milliseconds. */
const SEAL_MS = 500;

export interface DoorContext {
  failpoints: Failpoints;
  problems: DoorProblems;
  metrics: IngressMetrics;
  log: Logger;
}

export function createDoorParts(config: IngressConfig, context: DoorContext): DoorParts {
  const { failpoints, problems, metrics, log } = context;
  const { instruments } = metrics;
  const { onRequest, onStatement } = platformObservers(instruments, 'door');
  const database = new DatabaseLink(
    createDataSource({
      url: config.doorDatabaseUrl,
      applicationName: 'ecluse-door',
      onStatement,
      ...DATABASE,
    }),
    log,
  );
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.doorVaultRoleId,
    secretIdFile: config.doorVaultSecretIdFile,
    name: 'door',
    log,
    onRequest,
  });
  const reader = new PostgresSourceReader(database.dataSource);
  const sources = new SourceDirectory(reader, config.doorMaxBodyBytes);
  const secrets = new WebhookSecrets(vault, { freshMs: config.doorSecretCacheSeconds * 1_000 }, log);
  const answerMs = config.doorAnswerWithinMs;
  const inbox = new PostgresInboxWriter(database.dataSource, {
    waitMs: answerMs,
    maxWaiting: config.doorMaxWaiting,
    onGroup: (items) => {
      instruments.groupItems.observe({ part: 'door' }, items);
    },
  });
  const pressure = new Pressure(
    { maxLoopDelayMs: config.doorMaxLoopDelayMs, maxWaitingMs: answerMs * 0.75 },
    { oldestWaitingMs: () => inbox.oldestWaitingMs },
  );
  const inFlight = new InFlightBytes(config.doorMaxInFlightBytes);
  instruments.inFlightBytes.read({}, () => inFlight.taken);
  instruments.waitingInserts.read({}, () => inbox.waiting);
  const conflicts = new ConflictReports(inbox, log);
  const sealer = createSealer(createVaultDataKeys(vault));
  const now = (): Date => new Date();
  let stopListening: (() => Promise<void>) | undefined;
  return {
    door: {
      acceptDelivery: new AcceptDelivery({
        ...{ secrets, sealer, inbox, conflicts, failpoints, log, now },
        sealMs: SEAL_MS,
      }),
      sources,
      inFlight,
      pressure,
      problems,
      lookUpMs: answerMs,
    },
    checks: {
      postgres: () => database.check(),
      vault: async () => {
        const { reachable, sealed } = await vault.health();
        if ((!reachable || sealed) && !secrets.hasUsable)
          throw new Error('Vault is away and nothing is cached');
      },
    },
    open: () => {
      pressure.start();
      database.open(async () => {
        stopListening = await reader.onChange(() => {
          sources.forget();
          secrets.expire();
        });
      });
    },
    close: async () => {
      pressure.stop();
      await stopListening?.();
      await conflicts.close();
      await database.close();
      await vault.close();
    },
  };
}
