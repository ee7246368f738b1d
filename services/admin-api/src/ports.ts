import type { Role } from '@ecluse/contracts';
import type {
  ApiKeyReader,
  AuditLog,
  ConnectionStore,
  DeadLetterStore,
  DeliveryQueries,
  FlowStore,
  IdempotencyStore,
  LaneAdmin,
  ReplayStore,
  RunQueries,
  SealedBytes,
  SourceStore,
} from '@ecluse/storage';

/** Where secrets are written. Nothing here reads one. */
export interface SecretWriter {
  /** Adds or replaces one secret; the others stay. Throws VAULT_UNAVAILABLE, VAULT_DENIED. */
  put(place: SecretPlace, secretId: string, value: string): Promise<void>;
  /** Removes one secret; nothing happens when it is not there. */
  remove(place: SecretPlace, secretId: string): Promise<void>;
}
export interface SecretPlace {
  kind: 'webhooks' | 'connections';
  tenant: string;
  name: string;
}

/** Seals what replaces a stored body. Nothing here opens one. */
export interface BodySealer {
  /** Throws VAULT_UNAVAILABLE, VAULT_DENIED. */
  seal(tenant: string, deliveryId: string, plain: Buffer): Promise<SealedBytes>;
}

/** Creates one-time login links of the operator listener. */
export interface OperatorLinks {
  create(operator: { tenant: string; keyId: string; name: string; keyExpiresAt: Date }): {
    url: string;
    expiresAt: Date;
  };
  /** Deep link into the Temporal UI, on the operator listener's origin. */
  toRun(workflowId: string, temporalRunId: string | null): string;
}

/** Everything that the API needs from outside, as wired by `main.ts` or by a test. */
export interface AdminApiParts {
  sources: SourceStore;
  connections: ConnectionStore;
  flows: FlowStore;
  deliveries: DeliveryQueries;
  runs: RunQueries;
  deadLetters: DeadLetterStore;
  replays: ReplayStore;
  lanes: LaneAdmin;
  audit: AuditLog;
  apiKeys: ApiKeyReader;
  idempotency: IdempotencyStore;
  secrets: SecretWriter;
  bodies: BodySealer;
  operatorLinks: OperatorLinks;
  /** By part, for readiness; each throws when the part is away. */
  checks: Record<string, () => Promise<void>>;
  /** Asked by GET /v1/health only: the admin API works without these. */
  otherChecks: Record<string, () => Promise<void>>;
  /** Base of the door's URLs, without a slash at the end. */
  doorPublicUrl: string;
  version: string;
}
/** Injection token of one part. */
export function part(name: keyof AdminApiParts): string {
  return `ecluse:${name}`;
}

/** Injection token of the logger. */
export const LOG = 'ecluse:log';

/** Who calls, as proven by the API key. */
export interface Principal {
  tenant: string;
  keyId: string;
  /** Name of the key: the actor of audit rows. */
  name: string;
  role: Role;
  expiresAt: Date;
}
