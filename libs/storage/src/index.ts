export type {
  SealedBytes,
  NewDelivery,
  InsertOutcome,
  InboxWriter,
  StoredDelivery,
  DeliveryReader,
} from './inbox.js';
export type { QueuedRun, DispatchStore } from './dispatch.js';
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
