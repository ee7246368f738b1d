import type { Connector } from '@ecluse/connector-sdk';
import type { JsonValue } from '@ecluse/contracts';
import type { CredentialBroker } from '@ecluse/credentials';
import type { DeliveryDocuments, MappingEvaluator } from '@ecluse/delivery-document';
import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import type {
  AttemptLog,
  ConnectionReader,
  EffectKey,
  EffectLedger,
  RunWaits,
  SealedBytes,
} from '@ecluse/storage';
import type { ConnectionCircuits } from './circuit/connection-circuits.js';

/** The connectors that this worker serves, by `connector` of a connection's spec. */
export interface ConnectorCatalog {
  find(id: string): Connector | undefined;
}
/** Outputs of confirmed effects, kept encrypted beside the effect. Throws VAULT_UNAVAILABLE (retry). */
export interface EffectOutputs {
  seal(key: EffectKey, output: JsonValue): Promise<SealedBytes>;
  open(key: EffectKey, sealed: SealedBytes): Promise<JsonValue>;
}
export interface ConnectorCallDeps {
  documents: DeliveryDocuments;
  evaluator: MappingEvaluator;
  connections: ConnectionReader;
  connectors: ConnectorCatalog;
  broker: CredentialBroker;
  attempts: AttemptLog;
  ledger: EffectLedger;
  outputs: EffectOutputs;
  circuits: Pick<ConnectionCircuits, 'assertPasses' | 'awaitTurn'>;
  waits: RunWaits;
  failpoints: Failpoints;
  log: Logger;
}
