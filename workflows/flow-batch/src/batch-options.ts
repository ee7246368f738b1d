import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { RECORD_OPTIONS } from '@ecluse/flow-run/interpreter';

/** As for a single run, with time for hundreds of triggers. */
export const BATCH_RECORD_OPTIONS: LocalActivityOptions = { ...RECORD_OPTIONS, startToCloseTimeout: '60s' };

/**
 * One step over all runs. What fails inside is dealt with inside, so that a retry here means that a worker died, or that
 * nobody foresaw the fault; after the last one the runs go on alone, where the one to blame hurts only itself.
 */
export const BATCH_STEP_OPTIONS: ActivityOptions = {
  startToCloseTimeout: '15m',
  heartbeatTimeout: '10s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { maximumAttempts: 5, initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
};

/** Waiting for the platform: one pending activity, tried again by the server without events in the history. */
export const BATCH_PLATFORM_OPTIONS: ActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '30d',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
};
