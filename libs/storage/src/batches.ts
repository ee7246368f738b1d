import type { BatchRef, RunRef } from '@ecluse/contracts';
import type { SealedBytes } from './inbox.js';

/** A run that is in the batch, as the steps need it. */
export type BatchMember = RunRef;

/** Why and for how long a run that left waits before it is started on its own. */
export interface BatchLeaver {
  runId: string;
  /** Milliseconds from now. */
  pauseMs: number;
  /** For operators; null where the run only goes another way. */
  reason: string | null;
}

/**
 * What the worker's activities write about batches; `RunStore.close` ends their runs. A batch touches only the runs that
 * name it: one that left, or that the reconciler took back, is out of its reach. All calls are idempotent.
 */
export interface BatchStore {
  /** Marks the batch and its runs as running. `closed`: it is over, or nobody knows it. */
  open(batch: BatchRef, temporalRunId: string): Promise<'open' | 'closed'>;
  /** Runs of the batch that have not ended, in order of arrival. */
  members(batch: BatchRef): Promise<BatchMember[]>;
  /** Gives runs back to the dispatcher, which starts each on its own. */
  leave(batch: BatchRef, leavers: BatchLeaver[]): Promise<void>;
  /** Shows operators what the runs of the batch wait for; null when they no longer do. */
  waitFor(batch: BatchRef, reason: string | null): Promise<void>;
  /** Keeps the outputs of one step; the last writer wins. */
  saveOutputs(batch: BatchRef, stepId: string, sealed: SealedBytes): Promise<void>;
  /** Kept outputs by step id. */
  outputs(batch: BatchRef): Promise<Map<string, SealedBytes>>;
  /** Marks the batch as closed and removes its outputs. Its runs must have ended or left. */
  close(batch: BatchRef): Promise<void>;
}
