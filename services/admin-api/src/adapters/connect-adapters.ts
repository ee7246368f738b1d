import { EcluseError } from '@ecluse/errors';
import type { platformObservers } from '@ecluse/metrics';
import type { Logger } from '@ecluse/observability';
import {
  bodyAad,
  createSealer,
  createTemporalCodec,
  createVaultDataKeys,
  tenantKeyName,
} from '@ecluse/payload-crypto';
import {
  createDataSource,
  PostgresApiKeyReader,
  PostgresAuditLog,
  PostgresConnectionStore,
  PostgresDeadLetterStore,
  PostgresDeliveryQueries,
  PostgresFlowStore,
  PostgresIdempotencyStore,
  PostgresLaneAdmin,
  PostgresReplayStore,
  PostgresRunQueries,
  PostgresSourceStore,
} from '@ecluse/storage/postgres';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import type { AdminApiConfig } from '../admin-api.config.js';
import type { PayloadDecoder } from '../operator/codec.js';
import type { AdminApiParts } from '../ports.js';
import { answersHttp, answersTcp } from './reachable.js';
import { VaultSecretWriter } from './vault-secret-writer.js';

type DataSource = ReturnType<typeof createDataSource>;

export interface Adapters {
  parts: Omit<AdminApiParts, 'operatorLinks' | 'doorPublicUrl' | 'version'>;
  decoder: PayloadDecoder;
  close(): Promise<void>;
}

/** Connects to PostgreSQL (at once: STORE_UNAVAILABLE) and to Vault (at the first use). */
export async function connectAdapters(
  config: Readonly<AdminApiConfig>,
  log: Logger,
  observers: Partial<ReturnType<typeof platformObservers>> = {},
): Promise<Adapters> {
  const { onRequest, onStatement } = observers;
  const database = createDataSource({
    url: config.databaseUrl,
    applicationName: 'ecluse-admin-api',
    ...(onStatement === undefined ? {} : { onStatement }),
  });
  await connect(database);
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.vaultRoleId,
    secretId: config.vaultSecretId,
    name: 'admin-api',
    log,
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  const sealer = createSealer(createVaultDataKeys(vault));
  return {
    parts: {
      ...storesOf(database),
      secrets: new VaultSecretWriter(vault),
      bodies: {
        seal: (tenant, deliveryId, plain) =>
          sealer.seal(tenantKeyName(tenant), plain, bodyAad(tenant, deliveryId)),
      },
      checks: { postgres: () => checkDatabase(database) },
      otherChecks: {
        vault: () => checkVault(vault),
        temporal: () => answersTcp(config.temporalAddress),
        temporalUi: () => answersHttp(config.temporalUiAddr),
      },
    },
    decoder: createTemporalCodec({ sealer, namespace: config.temporalNamespace }),
    close: async () => {
      await Promise.allSettled([vault.close(), database.destroy()]);
    },
  };
}

function storesOf(
  database: DataSource,
): Omit<Adapters['parts'], 'secrets' | 'bodies' | 'checks' | 'otherChecks'> {
  return {
    sources: new PostgresSourceStore(database),
    connections: new PostgresConnectionStore(database),
    flows: new PostgresFlowStore(database),
    deliveries: new PostgresDeliveryQueries(database),
    runs: new PostgresRunQueries(database),
    deadLetters: new PostgresDeadLetterStore(database),
    replays: new PostgresReplayStore(database),
    lanes: new PostgresLaneAdmin(database),
    audit: new PostgresAuditLog(database),
    apiKeys: new PostgresApiKeyReader(database),
    idempotency: new PostgresIdempotencyStore(database),
  };
}

async function connect(database: DataSource): Promise<void> {
  try {
    await database.initialize();
  } catch (error) {
    throw new EcluseError('STORE_UNAVAILABLE', {
      detail: 'PostgreSQL refused the first connection',
      cause: error,
    });
  }
}

async function checkDatabase(database: DataSource): Promise<void> {
  await database.query('SELECT 1');
}

async function checkVault(vault: VaultClient): Promise<void> {
  const { reachable, sealed } = await vault.health();
  if (!reachable) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'Vault does not answer' });
  if (sealed) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'Vault is sealed' });
}
