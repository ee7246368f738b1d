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
  /** Hands runs to a lane, in order. Answers the id of the execution that got them. */
  deliver(lane: LaneHandover): Promise<{ temporalRunId: string }>;
}
