export type { VaultClient, VaultResponse, VaultCallOptions } from './vault-client.js';
