export { createVaultCredentialBroker } from './vault-credential-broker.js';
export type {
  VaultCredentialBrokerOptions,
  BrokerClock,
  BrokerLog,
  BrokerLogFields,
} from './broker-options.js';
