export type {
  Connector,
  ConnectorDefinition,
  OperationInfo,
  Idempotency,
  EffectKind,
  Verdict,
  CallResult,
  CallContext,
  BulkItem,
  BulkResult,
  ConnectorCredential,
  SpecIssue,
} from './connector.js';
