import type { EffectState, FlowDefinition, OutcomeClass, RunRef, RunResult } from '@ecluse/contracts';
import type { SealedBytes } from './inbox.js';

/** What the worker's activities write about runs. All calls are idempotent, and share transactions when concurrent. */
export interface RunStore {
  /**
   * Marks the run as running, unless it ended before. Throws NOT_FOUND for an unknown run, STATE_CONFLICT for one that
   * the batch of `fence` does not hold.
   */
  open(run: RunRef, temporalRunId: string, fence?: BatchFence): Promise<OpenedRecord>;
  /** The immutable definition. Throws FLOW_VERSION_MISMATCH when the stored hash differs from `run.flowSha256`. */
  loadFlow(run: Pick<RunRef, 'tenant' | 'flow' | 'flowVersion' | 'flowSha256'>): Promise<FlowDefinition>;
  /**
   * Records the end once: run state, dead letter, delivery state. A second call changes nothing. Throws STATE_CONFLICT
   * for a run that nobody opened, or that the batch of `fence` does not hold.
   */
  close(run: RunRef, result: RunResult, fence?: BatchFence): Promise<void>;
}

/** A batch writes only to the runs that name it: those that left it, or were taken from it, are none of its business. */
export interface BatchFence {
  /** UUID of the batch; absent for a run of its own. */
  batchId?: string;
}

/** What is known of a run when it is opened. */
export interface OpenedRecord {
  /** Its end is recorded already; nothing was changed. */
  ended: boolean;
  /** Highest number of a recorded attempt, by step id: a run that was reset, or left a batch, goes on counting. */
  attemptsMade: Record<string, number>;
}

/** One try of one connector call, written by the activity before and after. */
export interface AttemptRecord {
  run: RunRef;
  stepId: string;
  /** 1-based, as counted by Temporal. */
  attempt: number;
  connection: string;
  operation: string;
}
export interface AttemptEnd {
  outcome: OutcomeClass;
  /** Code of the error table; null for success. */
  code: string | null;
  /** For operators; redacted by the connector. */
  reason: string | null;
  vendorCode: string | null;
  /** SHA-256 of the lease id, never the id. */
  leaseRef: string | null;
  leaseExpiresAt: Date | null;
  /** Vault's name for the user, e.g. the dynamic database user. Not a secret. */
  leaseUser: string | null;
}
export interface AttemptLog {
  begin(attempt: AttemptRecord): Promise<void>;
  end(attempt: AttemptRecord, end: AttemptEnd): Promise<void>;
}

export interface EffectKey {
  tenant: string;
  idempotencyKey: string;
}
/** The write that a step is about to make. */
export interface IntendedEffect {
  run: RunRef;
  stepId: string;
  connection: string;
  operation: string;
}
/** What became of a write. */
export interface EffectEnd {
  state: Exclude<EffectState, 'intended'>;
  output: SealedBytes | null;
  reason: string | null;
}
export interface StoredEffect {
  state: EffectState;
  output: SealedBytes | null;
  reason: string | null;
}
/** The truth about remote writes; survives Temporal. */
export interface EffectLedger {
  /**
   * Records the intention before the call, or answers with what is known already. `intended` with
   * `again: true` means that an earlier attempt recorded it and never settled: its outcome is in doubt.
   * A `refused` effect wrote nothing: its key is armed again and answers as fresh (`intended`, `again: false`).
   * `confirmed` and `unknown` are answered as they are, with `again: true`.
   */
  intend(key: EffectKey, effect: IntendedEffect): Promise<StoredEffect & { again: boolean }>;
  /** The first certain end stays: nothing changes a `confirmed` effect. Throws NOT_FOUND without an intention. */
  settle(key: EffectKey, end: EffectEnd): Promise<void>;
}
