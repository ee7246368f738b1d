import { Context } from '@temporalio/activity';
import { attemptOf, CallRefused, callOnce, type CallTarget } from '@ecluse/connector-call';
import type { BatchCallInput, CallInput } from '@ecluse/contracts';
import { resolveRetryPolicy } from '@ecluse/flow-model';
import type { BatchItem, ItemFate } from './batch-items.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { mapBounded } from './bounded.js';
import { fateOf, type Fate } from './fate.js';
import { assertGoesOn } from './goes-on.js';

/** Single calls at once, where the connection allows as many. */
const CALLS_AT_ONCE = 8;
/** A step over all items takes no longer than this; those not called by then leave. Milliseconds. */
const LONGEST_STEP_MS = 5 * 60_000;

/** One call step over all runs of the batch. */
export interface BatchCall {
  input: BatchCallInput;
  target: CallTarget;
  startedAt: number;
}

/** One call per run, several at once: the path of a single run. */
export function callSingly(
  deps: BatchRunDeps,
  call: BatchCall,
  items: readonly BatchItem[],
): Promise<ItemFate[]> {
  const atOnce = Math.min(CALLS_AT_ONCE, call.target.operation.maxConcurrent ?? CALLS_AT_ONCE);
  return mapBounded(items, atOnce, (item) => callOne(deps, call, item));
}

async function callOne(deps: BatchRunDeps, call: BatchCall, item: BatchItem): Promise<ItemFate> {
  assertGoesOn();
  if (performance.now() - call.startedAt > LONGEST_STEP_MS) {
    return { item, fate: { kind: 'leaves', pauseMs: 0, reason: 'The batch had no time left for the call.' } };
  }
  const own = callInputOf(call.input, item);
  const attempt = attemptOf(own, Context.current().info.attempt);
  try {
    return { item, fate: { kind: 'done', output: await callOnce(deps, own, attempt) } };
  } catch (error) {
    return { item, fate: failedCall(call.input, error, attempt.used) };
  }
}

/** The call as the run would make it alone. */
export function callInputOf(input: BatchCallInput, { run, steps }: BatchItem): CallInput {
  const { stepId, call, retry, attemptsUsed } = input;
  return { run, stepId, call, ...(retry === undefined ? {} : { retry }), steps, attemptsUsed };
}

/** The fate of a run whose call failed. Throws what holds the whole batch. */
export function failedCall(input: BatchCallInput, error: unknown, attemptsUsed: number): Fate {
  return fateOf(error, {
    stepId: input.stepId,
    attemptsUsed,
    policy: resolveRetryPolicy(input.retry),
    ...(error instanceof CallRefused ? { context: error.failureContext() } : {}),
  });
}
