export type {
  SealedBytes,
  NewDelivery,
  InsertOutcome,
  InboxWriter,
  StoredDelivery,
  DeliveryReader,
} from './inbox.js';
export type { QueuedRun, ClaimedRun, DispatchStore } from './dispatch.js';
export type {
  RunStore,
  AttemptRecord,
  AttemptEnd,
  AttemptLog,
  EffectKey,
  StoredEffect,
  EffectLedger,
} from './runs.js';
export type {
  StoredSource,
  StoredConnection,
  StoredFlowVersion,
  SourceReader,
  ConnectionReader,
} from './definitions.js';
export type { Change, PageRequest, PutOptions, PutOutcome } from './admin.js';
export type {
  SourceRecord,
  SecretChange,
  SourceStore,
  ConnectionStore,
  FlowPublication,
  PublishOutcome,
  ReleaseOrder,
  RollbackOrder,
  FlowStore,
} from './admin-definitions.js';
export type {
  DeliveryFilter,
  DeliveryQueries,
  RunFilter,
  RunRecord,
  RunQueries,
  DeadLetterFilter,
  DeadLetterDecision,
  DeadLetterStore,
  ReplayStore,
} from './admin-operations.js';
export type {
  AuditFilter,
  AuditEntry,
  AuditLog,
  StoredApiKey,
  ApiKeyReader,
  IdempotencyScope,
  IdempotentResponse,
  IdempotencyBegin,
  IdempotencyStore,
} from './admin-access.js';
export {
  DELIVERY_TRANSITIONS,
  RUN_TRANSITIONS,
  DEAD_LETTER_TRANSITIONS,
  EFFECT_TRANSITIONS,
  transition,
  statesBefore,
  isFinal,
  type Transitions,
} from './transitions.js';
