export type {
  Connector,
  ConnectorDefinition,
  OperationInfo,
  Idempotency,
  EffectKind,
  Verdict,
  CallResult,
  CallContext,
  ConnectorCredential,
  SpecIssue,
} from './connector.js';
