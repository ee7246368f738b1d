import type { ActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@ecluse/contracts';
import { pauseBefore, resolveRetryPolicy } from '@ecluse/flow-model';

/** Longest time of one attempt: 60 s for the connector, the rest for lease and ledger. */
const ATTEMPT_TIMEOUT = '90s';
/** How soon the death of a worker is noticed, and the attempt made again elsewhere. */
const HEARTBEAT_TIMEOUT = '10s';

/** What a step has left of its retry policy, after attempts and waits that Temporal did not count. */
export class RetryBudget {
  readonly #policy;
  #attemptsUsed: number;
  #spentMs = 0;
  /** Attempts that failed outside the normal activity: its pauses go on from there. */
  #failedAlready = 0;

  /** @param attemptsMade Recorded before this execution of the run. */
  constructor(policy: RetryPolicy | undefined, attemptsMade: number) {
    this.#policy = resolveRetryPolicy(policy);
    this.#attemptsUsed = attemptsMade;
  }

  get attemptsUsed(): number {
    return this.#attemptsUsed;
  }

  /** @param attemptsUsed Over the whole step. @param elapsedMs Of the activity that just ended. */
  spend(attemptsUsed: number, elapsedMs: number): void {
    this.#attemptsUsed = Math.max(this.#attemptsUsed, attemptsUsed);
    this.#spentMs += elapsedMs;
  }

  /**
   * The pause before the next attempt, in milliseconds, after one that failed in a local activity; undefined when
   * attempts or time are used up. @param askedMs The pause that the remote asked for.
   */
  pauseAfterFailure(askedMs: number | undefined): number | undefined {
    this.#failedAlready += 1;
    const pauseMs = askedMs ?? pauseBefore(this.#policy, this.#failedAlready);
    const left = this.#policy.withinMs - this.#spentMs;
    if (this.#attemptsUsed >= this.#policy.attempts || pauseMs > left) return undefined;
    this.#spentMs += pauseMs;
    return pauseMs;
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
        initialInterval: pauseBefore(this.#policy, this.#failedAlready + 1),
        backoffCoefficient: factor,
        maximumInterval: maxMs,
      },
    };
  }
}
