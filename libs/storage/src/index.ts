export type {
  SealedBytes,
  NewDelivery,
  OrderKey,
  OrderKeys,
  DeliveryConflict,
  InsertOutcome,
  InboxWriter,
  StoredDelivery,
  DeliveryReader,
} from './inbox.js';
export {
  LEFT_BATCH,
  type QueuedRun,
  type ClaimedRun,
  type QueueLook,
  type RunQuota,
  type BatchQuota,
  type FormedBatch,
  type StartedRun,
  type LaneHandover,
  type DispatchStore,
  type BatchDispatch,
  type LaneDispatch,
} from './dispatch.js';
export type { UnsettledRun, UnsettledBatch, RunCursor, ReconcileStore } from './reconcile.js';
export type { LaneAdmin, LaneFilter, LaneName, LaneRemedy, BodyEdit } from './lane-admin.js';
export type { LaneLook, PassedOver, LaneEnd, LaneRecord } from './lane-record.js';
export type {
  RunStore,
  BatchFence,
  OpenedRecord,
  AttemptRecord,
  AttemptEnd,
  AttemptLog,
  EffectKey,
  IntendedEffect,
  EffectEnd,
  StoredEffect,
  EffectLedger,
} from './runs.js';
export type { BatchMember, BatchLeaver, BatchStore } from './batches.js';
export type {
  StoredSource,
  SourceOrder,
  StoredConnection,
  StoredFlowVersion,
  SourceReader,
  ConnectionReader,
} from './definitions.js';
export type { Depths, DepthReader } from './depths.js';
export type {
  StoredConnectionState,
  ConnectionStateChange,
  ConnectionStateStore,
  RunWaits,
} from './connection-states.js';
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
