/** What the Vault client tells its process. A structural subset of the product's logger. */
export interface VaultLog {
  info(message: string, fields?: { reason?: string; retryInMs?: number }): void;
  warn(message: string, fields?: { reason?: string; retryInMs?: number }): void;
}
/** Says nothing. */
export const SILENT_VAULT_LOG: VaultLog = { info: () => undefined, warn: () => undefined };
