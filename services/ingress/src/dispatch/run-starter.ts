import type { QueuedRun } from '@ecluse/storage';

/** Starts runs in the engine. */
export interface RunStarter {
  /**
   * Bounded in time; a second start of the same run is a no-op. Answers null for a run that had ended already.
   * Throws RUN_NOT_STARTABLE, ENGINE_UNAVAILABLE, VAULT_UNAVAILABLE.
   */
  start(run: QueuedRun): Promise<{ temporalRunId: string | null }>;
}
