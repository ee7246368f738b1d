import { isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { CallStep, ConnectorCallActivities, JsonValue, RunRef, StepOutputs } from '@ecluse/contracts';
import { PLATFORM_OPTIONS, RetryBudget } from './retry-policies.js';
import { detailsOf } from './run-failure.js';

const platform = proxyActivities<ConnectorCallActivities>(PLATFORM_OPTIONS);

/** Pause after the n-th wait of one step, so that a platform that flaps does not make the step spin. Milliseconds. */
function pauseAfterWait(waits: number): number {
  return Math.min(500 * 2 ** waits, 60_000);
}

/** Time of the current workflow task, the same at each replay. Milliseconds since 1970. */
function workflowNow(): number {
  // eslint-disable-next-line no-restricted-properties -- inside a workflow this is Temporal's clock
  return Date.now();
}

/**
 * One remote call. Temporal retries it by the step's policy. When Vault or PostgreSQL is away the activity ends at
 * once, the step waits for the platform, and a new activity goes on with the attempts and the time that are left.
 */
export async function callConnection(run: RunRef, step: CallStep, steps: StepOutputs): Promise<JsonValue> {
  const budget = new RetryBudget(step.retry);
  for (let waits = 1; ; waits += 1) {
    const startedAt = workflowNow();
    try {
      return await proxyActivities<ConnectorCallActivities>(budget.activityOptions()).callConnection({
        run,
        stepId: step.id,
        call: step.call,
        ...(step.retry === undefined ? {} : { retry: step.retry }),
        steps,
        attemptsUsed: budget.attemptsUsed,
      });
    } catch (error) {
      const details = detailsOf(error);
      if (isCancellation(error) || details?.platformAway !== true) throw error;
      budget.spend(details.attemptsUsed, workflowNow() - startedAt);
    }
    await platform.awaitPlatform({ run, connection: step.call.connection });
    await sleep(pauseAfterWait(waits));
  }
}
