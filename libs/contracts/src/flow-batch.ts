import type { CallStep, ChooseStep, FlowStep, MapStep, RetryPolicy } from './flow-definition.js';
import type { BatchRef, RunFailure } from './flow-run.js';

/** Answer of `openBatch`. `size`: the runs that are still in the batch. */
export type OpenedBatch =
  /** The batch is closed already: a repeated start, which has nothing left to do. */
  { ended: true } | { steps: FlowStep[]; size: number };

/** What a step left of the batch. No run is named and no output told: both stay in the store. */
export interface BatchProgress {
  size: number;
}

/** A step over all runs of a batch. */
interface BatchStep {
  batch: BatchRef;
  stepId: string;
}
export interface BatchCallInput extends BatchStep {
  call: CallStep['call'];
  retry?: RetryPolicy;
  /** Whether a later step may read the outputs. */
  keep: boolean;
  /** Remote calls per run made before the step last waited for a part of the platform. */
  attemptsUsed: number;
}
export interface BatchMapInput extends BatchStep {
  expression: MapStep['map'];
  /** Whether a later step may read the outputs. */
  keep: boolean;
}
export interface BatchChooseInput extends BatchStep {
  /** Conditions of the branches, in order. */
  conditions: ChooseStep['choose'][number]['when'][];
}
export interface BatchPlatformInput {
  batch: BatchRef;
  /** Null where only the store is waited for. */
  connection: string | null;
}
/** The branch of the largest group: an index of `conditions`, or null for `otherwise`. The other runs left. */
export interface BatchBranch extends BatchProgress {
  branch: number | null;
}

/** How the runs end that are still in a batch when it is closed. `left`: each goes on in a run of its own. */
export type BatchEnd =
  { state: 'succeeded' } | { state: 'left' } | { state: 'dead_letter'; failure: RunFailure };

/** Local activities of a batch: a few PostgreSQL transactions each, idempotent. */
export interface BatchRecordActivities {
  /** Marks batch and runs as running, loads the flow version, and evaluates the trigger's `when` for each run. */
  openBatch(batch: BatchRef): Promise<OpenedBatch>;
  /** Ends what is left of the batch, once, and removes its outputs. */
  closeBatch(batch: BatchRef, end: BatchEnd): Promise<BatchProgress>;
}
/**
 * Normal activities of a batch: one step over all its runs. A run that fails for good becomes a dead letter inside;
 * one that may be tried again, or that takes another branch, leaves the batch.
 */
export interface BatchStepActivities {
  callBatch(input: BatchCallInput): Promise<BatchProgress>;
  mapBatch(input: BatchMapInput): Promise<BatchProgress>;
  chooseBatch(input: BatchChooseInput): Promise<BatchBranch>;
  /** As `awaitPlatform` of a single run. */
  awaitBatchPlatform(input: BatchPlatformInput): Promise<void>;
}
export type FlowBatchActivities = BatchRecordActivities & BatchStepActivities;
