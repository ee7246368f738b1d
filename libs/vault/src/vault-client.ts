/** A Vault answer's body, as far as the product reads it. */
export interface VaultResponse {
  lease_id?: string;
  /** Seconds. */
  lease_duration?: number;
  renewable?: boolean;
  data?: Record<string, unknown>;
  /** Epoch of the token that the call used: a lease dies with it. */
  tokenEpoch?: number;
  auth?: {
    client_token: string;
    accessor?: string;
    /** Seconds. */
    lease_duration: number;
    renewable: boolean;
    /** `service` or `batch`. */
    token_type?: string;
  };
}
export interface VaultCallOptions {
  /** Milliseconds for one try. Default 5000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /**
   * Whether a second execution is harmless: only then is a call repeated whose outcome is unknown.
   * Default: true for `read`, `list`, `patch` and `delete`, false for `write`.
   * Say false for a read that makes something (`database/creds`), true for a write that makes nothing (transit).
   */
  idempotent?: boolean;
}
/** The token in use, as seen now. */
export interface VaultTokenEpoch {
  /** Changes at each login; 0 before the first. A lease dies with the token that created it. */
  epoch: number;
  /** For showing; decide by `remainingMs`, which no change of the wall clock disturbs. */
  expiresAt: Date;
  /** Milliseconds until Vault ends the token unless it is renewed; 0 without a token. */
  remainingMs: number;
}
/** `sys/health` as seen now. */
export interface VaultHealth {
  reachable: boolean;
  sealed: boolean;
  initialized: boolean;
  version: string | null;
}
/**
 * The one way to Vault. Logs in once per process (AppRole, at the first call), renews, logs in again
 * single-flight on an invalid token.
 *
 * Path segments are validated: letters, digits, `_`, `.`, `-`, at most 128 characters, not starting with a dot;
 * anything else is VAULT_MISUSED before a request is made, so no value can leave its place in the path.
 *
 * Errors: VAULT_UNAVAILABLE (backoff), VAULT_DENIED, CREDENTIAL_MISSING (404), VAULT_MISUSED. They name the path
 * and Vault's status, never a token, a body or Vault's own text.
 */
export interface VaultClient {
  read(segments: string[], options?: VaultCallOptions): Promise<VaultResponse>;
  write(
    segments: string[],
    body: Record<string, unknown>,
    options?: VaultCallOptions,
  ): Promise<VaultResponse>;
  /** JSON merge patch (KV v2): a value of null removes the key. CREDENTIAL_MISSING when nothing is there yet. */
  patch(
    segments: string[],
    body: Record<string, unknown>,
    options?: VaultCallOptions,
  ): Promise<VaultResponse>;
  /** Keys below the path; empty where there is none. */
  list(segments: string[], options?: VaultCallOptions): Promise<string[]>;
  delete(segments: string[], options?: VaultCallOptions): Promise<void>;
  tokenEpoch(): VaultTokenEpoch;
  /** Never throws. */
  health(): Promise<VaultHealth>;
  /**
   * For readiness: a working login and all of `capabilities` on each path, e.g.
   * `{ 'kv/data/webhooks/acme/crm': ['read'] }`. Throws VAULT_DENIED naming the paths that lack one, or
   * VAULT_UNAVAILABLE.
   */
  requireCapabilities(capabilities: Record<string, string[]>): Promise<void>;
  /** Revokes the own token (and so every lease taken with it); bounded to 3 s; never throws. */
  close(): Promise<void>;
}
