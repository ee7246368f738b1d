import type { FormedBatch, LaneHandover, QueuedRun } from '@ecluse/storage';

/**
 * Starts work in the engine. Every call is bounded in time, and a repeated one is a no-op for the engine.
 * All throw RUN_NOT_STARTABLE, ENGINE_UNAVAILABLE, VAULT_UNAVAILABLE.
 */
export interface Engine {
  /** Answers null for a run that had ended already. */
  startRun(run: QueuedRun): Promise<{ temporalRunId: string | null }>;
  /** Answers null for a batch that had ended already. */
  startBatch(batch: FormedBatch): Promise<{ temporalRunId: string | null }>;
  /**
   * Hands runs to a lane, in order. Throws NOT_FOUND when the lane has outstanding runs and no workflow: they are lost,
   * and must not be overtaken. Answers the execution that got the runs, where it is known.
   */
  deliver(lane: LaneHandover): Promise<{ temporalRunId: string | null }>;
}

/** Looks things up in the engine. All throw ENGINE_UNAVAILABLE. */
export interface EngineRecords {
  /** `unknown`: the engine has no record of the workflow; `closed`: it ended, in whatever way. */
  find(workflowId: string): Promise<'running' | 'closed' | 'unknown'>;
  findLane(lane: {
    tenant: string;
    flow: string;
    laneKey: string;
  }): Promise<'running' | 'closed' | 'unknown'>;
  /** Another answer than before means: the engine was set up anew, and knows nothing of what ran. */
  identity(): Promise<string>;
}
