export type { CredentialRef, CredentialLease, CredentialBroker } from './credential-broker.js';
