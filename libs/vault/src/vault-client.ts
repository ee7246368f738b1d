/** A Vault answer's body, as far as the product reads it. */
export interface VaultResponse {
  lease_id?: string;
  /** Seconds. */
  lease_duration?: number;
  renewable?: boolean;
  data?: Record<string, unknown>;
  auth?: { client_token: string; accessor?: string; lease_duration: number; renewable: boolean };
}
/**
 * The one way to Vault. Logs in once per process (AppRole), renews, logs in again single-flight on an invalid
 * token. Path segments are validated: `segments` are encoded and may not be empty, `.` or `..`.
 * Errors: VAULT_UNAVAILABLE (backoff), VAULT_DENIED, CREDENTIAL_MISSING (404), VAULT_MISUSED.
 */
export interface VaultClient {
  read(segments: string[], options?: VaultCallOptions): Promise<VaultResponse>;
  write(segments: string[], body: Record<string, unknown>, options?: VaultCallOptions): Promise<VaultResponse>;
  patch(segments: string[], body: Record<string, unknown>, options?: VaultCallOptions): Promise<VaultResponse>;
  list(segments: string[], options?: VaultCallOptions): Promise<string[]>;
  delete(segments: string[], options?: VaultCallOptions): Promise<void>;
  /** Changes at each login; a lease dies with the token that created it. */
  tokenEpoch(): { epoch: number; expiresAt: Date };
  /** `sys/health` as seen now; never throws. */
  health(): Promise<{ reachable: boolean; sealed: boolean; initialized: boolean; version: string | null }>;
  /** Revokes the own token (and so every lease taken with it); bounded to 3 s. */
  close(): Promise<void>;
}
export interface VaultCallOptions {
  /** Milliseconds. Default 5000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}
