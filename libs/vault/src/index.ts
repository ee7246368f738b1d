export { createVaultClient } from './create-vault-client.js';
export type { VaultClientOptions } from './vault-client-options.js';
export type {
  VaultClient,
  VaultResponse,
  VaultCallOptions,
  VaultHealth,
  VaultTokenEpoch,
} from './vault-client.js';
export type { VaultLog } from './vault-log.js';
export { VAULT_FAILURE_RULES, type VaultFailureRule, type VaultRepeat } from './vault-failure.js';
