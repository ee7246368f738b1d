export type {
  Connector,
  OperationInfo,
  Idempotency,
  EffectKind,
  Verdict,
  CallResult,
  CallContext,
  ConnectorCredential,
  SpecIssue,
} from './connector.js';
