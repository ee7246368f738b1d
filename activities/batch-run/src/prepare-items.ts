import { Context } from '@temporalio/activity';
import {
  attemptOf,
  beginEffect,
  mapInput,
  mapOutput,
  type Attempt,
  type Effect,
} from '@ecluse/connector-call';
import type { CallInput, JsonObject } from '@ecluse/contracts';
import { idempotencyKeyOf } from '@ecluse/flow-model';
import type { BatchItem, ItemFate } from './batch-items.js';
import { EVALUATIONS_AT_ONCE } from './batch-record.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { mapBounded } from './bounded.js';
import { callInputOf, failedCall, type BatchCall } from './single-calls.js';

/** One run whose call is ready to be made. */
export interface PreparedItem {
  item: BatchItem;
  input: CallInput;
  attempt: Attempt;
  request: JsonObject;
  callKey: string;
  effect: Effect | null;
}

/** Maps the inputs and records the intentions. Runs whose fate is known by then are told apart. */
export async function prepareItems(
  deps: BatchRunDeps,
  call: BatchCall,
  items: readonly BatchItem[],
): Promise<{ prepared: PreparedItem[]; fates: ItemFate[] }> {
  const mapped = await mapBounded(items, EVALUATIONS_AT_ONCE, (item) => mapItem(deps, call, item));
  // All intentions at once: they share a transaction.
  const begun = await Promise.allSettled(
    mapped.map((each) => ('fate' in each ? Promise.resolve(each) : begin(deps, call, each))),
  );
  const prepared: PreparedItem[] = [];
  const fates: ItemFate[] = [];
  for (const each of begun) {
    if (each.status === 'rejected') throw each.reason;
    if ('fate' in each.value) fates.push(each.value);
    else prepared.push(each.value);
  }
  return { prepared, fates };
}

async function mapItem(
  deps: BatchRunDeps,
  call: BatchCall,
  item: BatchItem,
): Promise<Omit<PreparedItem, 'effect'> | ItemFate> {
  const input = callInputOf(call.input, item);
  const attempt = attemptOf(input, Context.current().info.attempt);
  try {
    const request = await mapInput(deps, input);
    return { item, input, attempt, request, callKey: idempotencyKeyOf(item.run, input.stepId) };
  } catch (error) {
    return { item, fate: failedCall(call.input, error, attempt.used) };
  }
}

/** Records the intention; a write that is known as confirmed is done. */
async function begin(
  deps: BatchRunDeps,
  call: BatchCall,
  mapped: Omit<PreparedItem, 'effect'>,
): Promise<PreparedItem | ItemFate> {
  const { item, input, callKey, attempt } = mapped;
  if (call.target.operation.effect === 'read') return { ...mapped, effect: null };
  try {
    const effect = await beginEffect(deps, input, callKey, call.target.repeatable);
    if (effect.confirmed === undefined) return { ...mapped, effect };
    return { item, fate: { kind: 'done', output: await mapOutput(deps, input, effect.confirmed.output) } };
  } catch (error) {
    return { item, fate: failedCall(call.input, error, attempt.used) };
  }
}
