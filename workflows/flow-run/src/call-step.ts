import {
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow';
import type {
  CallInput,
  CallStep,
  ConnectorCallActivities,
  JsonValue,
  RunProgress,
  RunRef,
  StepFailureDetails,
  StepOutputs,
} from '@ecluse/contracts';
import { LOCAL_CALL_OPTIONS, PLATFORM_OPTIONS } from './retry-policies.js';
import { RetryBudget } from './retry-budget.js';
import { AttemptsUsedUp, detailsOf, isRetryable } from './run-failure.js';

const platform = proxyActivities<ConnectorCallActivities>(PLATFORM_OPTIONS);
const local = proxyLocalActivities<ConnectorCallActivities>(LOCAL_CALL_OPTIONS);

/** How a call step begins. */
export interface CallStart {
  /** Whether the first try is a local activity. */
  local: boolean;
  /** Remote calls recorded before: the run was reset, or left a batch. */
  attemptsMade: number;
  /** The first try, where it was made while the run was opened. */
  failed: RunProgress['failed'];
}

/** Pause after the n-th wait of one step, so that a platform that flaps does not make the step spin. Milliseconds. */
export function pauseAfterWait(waits: number): number {
  return Math.min(500 * 2 ** waits, 60_000);
}

/** Time of the current workflow task, the same at each replay. Milliseconds since 1970. */
function workflowNow(): number {
  // eslint-disable-next-line no-restricted-properties -- inside a workflow this is Temporal's clock
  return Date.now();
}

/**
 * One remote call. A short one is tried once within the workflow task; what can be tried again after that is a normal
 * activity, retried by Temporal by the step's policy. When Vault or PostgreSQL is away the activity ends at once, the
 * step waits for the platform, and a new activity goes on with the attempts and the time that are left.
 */
export async function callConnection(
  run: RunRef,
  step: CallStep,
  steps: StepOutputs,
  start: CallStart,
): Promise<JsonValue> {
  const budget = new RetryBudget(step.retry, start.attemptsMade);
  const input = (): CallInput => ({
    run,
    stepId: step.id,
    call: step.call,
    ...(step.retry === undefined ? {} : { retry: step.retry }),
    steps,
    attemptsUsed: budget.attemptsUsed,
  });
  if (start.local) {
    const answer = await firstTry(budget, input(), start.failed);
    if (answer !== undefined) return answer.output;
  }
  for (let waits = 1; ; waits += 1) {
    const startedAt = workflowNow();
    try {
      return await proxyActivities<ConnectorCallActivities>(budget.activityOptions()).callConnection(input());
    } catch (error) {
      const away = platformAway(error);
      if (away === undefined) throw error;
      budget.spend(away.attemptsUsed, workflowNow() - startedAt);
    }
    await platform.awaitPlatform({ run, connection: step.call.connection });
    await sleep(pauseAfterWait(waits));
  }
}

/** One try within the workflow task. Undefined when a normal activity has to go on; throws what is final. */
async function firstTry(
  budget: RetryBudget,
  input: CallInput,
  failed: CallStart['failed'],
): Promise<{ output: JsonValue } | undefined> {
  const startedAt = workflowNow();
  try {
    if (failed !== undefined) throw failureOf(failed);
    return { output: await local.callConnection(input) };
  } catch (error) {
    const away = platformAway(error);
    if (away === undefined && !isRetryable(error)) throw error;
    // Without details nobody knows whether the remote was called: it counts as if it was.
    const used = detailsOf(error)?.attemptsUsed ?? budget.attemptsUsed + 1;
    budget.spend(used, workflowNow() - startedAt);
    // The normal activity meets the same outage and waits for its end.
    if (away !== undefined) return undefined;
    const pauseMs = budget.pauseAfterFailure(detailsOf(error)?.retryAfterMs);
    if (pauseMs === undefined) throw new AttemptsUsedUp(error);
    await sleep(pauseMs);
    return undefined;
  }
}

/** As the activity threw it. */
function failureOf({ code, retryable, details }: NonNullable<CallStart['failed']>): ApplicationFailure {
  return ApplicationFailure.create({
    message: details.reason,
    type: code,
    nonRetryable: !retryable,
    details: [details],
  });
}

/** What the activity says of an attempt that a missing part of the platform ended; undefined for any other end. */
function platformAway(error: unknown): StepFailureDetails | undefined {
  const details = isCancellation(error) ? undefined : detailsOf(error);
  return details?.platformAway === true ? details : undefined;
}
