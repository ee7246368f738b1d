/** A run that is under way by the store, and the workflow that should have it. */
export interface UnsettledRun {
  runId: string;
  tenant: string;
  deliveryId: string;
  flow: string;
  queue: string;
  laneKey: string | null;
  workflowId: string;
  /** With `temporalRunId` the fence: a run that was started or opened since is another matter. */
  startAttempts: number;
  temporalRunId: string | null;
  /** Set for the members of a batch that is closed: a batch that is not is looked at as a whole. */
  batchId: string | null;
  /** Microseconds kept; for the next page. */
  startedAt: string;
}
/** A batch that is not closed. */
export interface UnsettledBatch {
  batchId: string;
  tenant: string;
  workflowId: string;
}
/** Where the page before ended. */
export interface RunCursor {
  startedAt: string;
  runId: string;
}

/** What the reconciler compares with the engine. */
export interface ReconcileStore {
  /** Runs started longer than `olderThanSeconds` ago that have not ended, oldest first. */
  unsettledRuns(olderThanSeconds: number, after: RunCursor | null, limit: number): Promise<UnsettledRun[]>;
  /** Batches formed longer than `olderThanSeconds` ago that were started and are not closed, in order of their ids. */
  unsettledBatches(olderThanSeconds: number, after: string | null, limit: number): Promise<UnsettledBatch[]>;
  /** Queues runs again that the engine does not know. Fenced; answers how many it were. */
  requeue(runs: readonly UnsettledRun[], reason: string): Promise<number>;
  /** Ends a run that the engine ended without a record: dead letter ECL-2007. Fenced; true when this call ended it. */
  endUnrecorded(run: UnsettledRun, reason: string): Promise<boolean>;
}
