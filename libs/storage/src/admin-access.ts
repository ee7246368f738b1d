import type { AuditView, JsonValue, Page, Role } from '@ecluse/contracts';
import type { Change, PageRequest } from './admin.js';

export interface AuditFilter {
  /** Exact, for example `flow/deal-won-to-order`. */
  resource?: string;
  /** Exact, for example `flow.released`. */
  action?: string;
}
export interface AuditEntry {
  /** `<noun>.<past participle>`, for example `ui-session.opened`. */
  action: string;
  /** `<kind>/<name or id>`. */
  resource: string;
  /** Never a secret, never personal data. */
  detail: Record<string, JsonValue>;
}
/** Append-only. Changes of stored things are written by their stores; `record` is for acts that change no row. */
export interface AuditLog {
  /** Newest first. */
  list(tenant: string, filter: AuditFilter, page: PageRequest): Promise<Page<AuditView>>;
  record(tenant: string, entry: AuditEntry, change: Change): Promise<void>;
}

export interface StoredApiKey {
  keyId: string;
  tenant: string;
  name: string;
  role: Role;
  /** SHA-256, hex, of the secret part: 32 random bytes need no slow hash. */
  secretSha256: string;
  expiresAt: Date;
  revokedAt: Date | null;
}
export interface ApiKeyReader {
  /** Also finds expired and revoked keys; the caller refuses them. Throws STORE_UNAVAILABLE. */
  find(keyId: string): Promise<StoredApiKey | undefined>;
}

export interface IdempotencyScope {
  tenant: string;
  actor: string;
  /** Value of the Idempotency-Key header, at most 255 characters. */
  key: string;
}
export interface IdempotentResponse {
  status: number;
  body: JsonValue;
}
export type IdempotencyBegin = { kind: 'started' } | { kind: 'finished'; response: IdempotentResponse };

/** Answers of earlier POSTs, for 24 h. A request that neither finished nor released frees its key after 60 s. */
export interface IdempotencyStore {
  /**
   * `started`: the caller acts and then calls `finish` or `release`. `finished`: send that answer again.
   * IDEMPOTENCY_KEY_REUSED when `fingerprint` (SHA-256 over method, path and body) differs,
   * IDEMPOTENCY_IN_PROGRESS while another request with it runs.
   */
  begin(scope: IdempotencyScope, fingerprint: string): Promise<IdempotencyBegin>;
  /** The first answer stays; a later one is ignored. */
  finish(scope: IdempotencyScope, response: IdempotentResponse): Promise<void>;
  /** Nothing was changed: the key may be used again. */
  release(scope: IdempotencyScope): Promise<void>;
}
