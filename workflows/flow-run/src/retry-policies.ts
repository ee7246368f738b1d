import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@ecluse/contracts';
import { ERRORS } from '@ecluse/errors';
import { resolveRetryPolicy } from '@ecluse/flow-model';

/**
 * Recording goes on for as long as PostgreSQL or Vault is away. Waits of 5 s and more are durable timers, which free
 * the worker; the ceiling of two minutes keeps an outage of days within the limit of events per history.
 */
export const RECORD_OPTIONS: LocalActivityOptions = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30d',
  localRetryThreshold: '5s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2m' },
};

/** Expressions as above, but a fault that nobody foresaw is a dead letter at once: it would come again for ever. */
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

/** Longest time of one attempt: 60 s for the connector, the rest for lease and ledger. */
const ATTEMPT_TIMEOUT = '90s';
/** How soon the death of a worker is noticed, and the attempt made again elsewhere. */
const HEARTBEAT_TIMEOUT = '10s';

/** What a step has left of its retry policy, after waits that were not its own fault. */
export class RetryBudget {
  readonly #policy;
  #attemptsUsed = 0;
  #spentMs = 0;

  constructor(policy: RetryPolicy | undefined) {
    this.#policy = resolveRetryPolicy(policy);
  }

  get attemptsUsed(): number {
    return this.#attemptsUsed;
  }

  /** @param attemptsUsed Over the whole step. @param elapsedMs Of the activity that just ended. */
  spend(attemptsUsed: number, elapsedMs: number): void {
    this.#attemptsUsed = Math.max(this.#attemptsUsed, attemptsUsed);
    this.#spentMs += elapsedMs;
  }

  /** Temporal drives the retries within what is left; at least one more attempt, since the last was not to blame. */
  activityOptions(): ActivityOptions {
    const { attempts, firstMs, factor, maxMs, withinMs } = this.#policy;
    return {
      startToCloseTimeout: ATTEMPT_TIMEOUT,
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      scheduleToCloseTimeout: Math.max(withinMs - this.#spentMs, firstMs),
      // A write may be in flight: the run is not over before it is known what became of it.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: {
        maximumAttempts: Math.max(attempts - this.#attemptsUsed, 1),
        initialInterval: firstMs,
        backoffCoefficient: factor,
        maximumInterval: maxMs,
      },
    };
  }
}
