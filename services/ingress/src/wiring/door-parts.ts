import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import { createSealer, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createDataSource, PostgresInboxWriter, PostgresSourceReader } from '@ecluse/storage/postgres';
import { createVaultClient } from '@ecluse/vault';
import { AcceptDelivery } from '../door/accept-delivery.js';
import type { AdmissionDeps } from '../door/admission.hook.js';
import { InFlightBytes } from '../door/in-flight-bytes.js';
import { SourceDirectory } from '../door/source-directory.js';
import { WebhookSecrets } from '../door/webhook-secrets.js';
import type { IngressConfig } from '../ingress.config.js';
import { DatabaseLink } from './database-link.js';

/** What the door is made of, with its own database role and its own Vault login. */
export interface DoorParts {
  acceptDelivery: AcceptDelivery;
  admission: AdmissionDeps;
  checks: Record<string, () => Promise<void>>;
  open(): void;
  close(): Promise<void>;
}

export function createDoorParts(config: IngressConfig, failpoints: Failpoints, log: Logger): DoorParts {
  const database = new DatabaseLink(
    createDataSource({ url: config.doorDatabaseUrl, applicationName: 'ecluse-door' }),
    log,
  );
  const vault = createVaultClient({
    addr: config.vaultAddr,
    roleId: config.doorVaultRoleId,
    secretIdFile: config.doorVaultSecretIdFile,
    name: 'door',
    log,
  });
  const reader = new PostgresSourceReader(database.dataSource);
  const sources = new SourceDirectory(reader, config.doorMaxBodyBytes);
  const secrets = new WebhookSecrets(vault, { freshMs: config.doorSecretCacheSeconds * 1_000 }, log);
  let stopListening: (() => Promise<void>) | undefined;
  return {
    acceptDelivery: new AcceptDelivery({
      secrets,
      sealer: createSealer(createVaultDataKeys(vault)),
      inbox: new PostgresInboxWriter(database.dataSource),
      failpoints,
      log,
      now: () => new Date(),
    }),
    admission: { sources, inFlight: new InFlightBytes(config.doorMaxInFlightBytes), log },
    checks: {
      postgres: () => database.check(),
      vault: async () => {
        const { reachable, sealed } = await vault.health();
        if ((!reachable || sealed) && !secrets.hasUsable)
          throw new Error('Vault is away and nothing is cached');
      },
    },
    open: () => {
      database.open(async () => {
        stopListening = await reader.onChange(() => {
          sources.forget();
          secrets.expire();
        });
      });
    },
    close: async () => {
      await stopListening?.();
      await database.close();
      await vault.close();
    },
  };
}
