export { MemoryCredentialBroker } from './memory-credential-broker.js';
export {
  describeCredentialBrokerContract,
  type BrokerUnderTest,
} from './describe-credential-broker-contract.js';
