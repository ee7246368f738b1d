import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { ERRORS } from '@ecluse/errors';

/**
 * Recording goes on for as long as PostgreSQL or Vault is away; the ceiling of two minutes keeps an outage of days
 * within the limit of events per history.
 */
const RECORDING = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30d',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2m' },
} as const satisfies ActivityOptions;

/** Recording as an activity task of its own. */
export const RECORD_APART_OPTIONS: ActivityOptions = RECORDING;

/** Recording within the workflow task. Waits of 5 s and more are durable timers, which free the worker. */
export const RECORD_OPTIONS: LocalActivityOptions = { ...RECORDING, localRetryThreshold: '5s' };

/** As above, and time for the first steps. A cancelled run is recorded once it is known how far they came. */
export const OPEN_OPTIONS: LocalActivityOptions = {
  ...RECORD_OPTIONS,
  startToCloseTimeout: '20s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** Expressions as recording, but a fault that nobody foresaw is a dead letter at once: it would come again for ever. */
export const EVALUATE_OPTIONS: LocalActivityOptions = {
  ...RECORD_OPTIONS,
  retry: { ...RECORD_OPTIONS.retry, nonRetryableErrorTypes: [ERRORS.INTERNAL.code] },
};

/** Waiting for the platform: one pending activity, tried again by the server without events in the history. */
export const PLATFORM_OPTIONS: ActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '30d',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
};

/**
 * The one try of a short call as a local activity: 5 s for the connector, the rest for lease and ledger. It holds the
 * workflow task meanwhile, so all further tries are normal activities.
 */
export const LOCAL_CALL_OPTIONS: LocalActivityOptions = {
  startToCloseTimeout: '9s',
  scheduleToCloseTimeout: '12s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { maximumAttempts: 1 },
};
