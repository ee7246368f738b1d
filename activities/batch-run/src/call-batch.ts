import { findTarget, type CallTarget } from '@ecluse/connector-call';
import type { BatchCallInput, BatchProgress } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import { loadItems, settleItems, type BatchItem, type ItemFate } from './batch-items.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { callInBulk } from './bulk-call.js';
import { assertGoesOn } from './goes-on.js';
import { callSingly, failedCall } from './single-calls.js';

/**
 * Calls the remote for each run that the ledger does not know as done: in bulk where the operation can, else one by
 * one. Throws CONNECTION_HELD and what says that the platform is away.
 */
export async function callBatch(deps: BatchRunDeps, input: BatchCallInput): Promise<BatchProgress> {
  const items = await loadItems(deps, input.batch);
  const fates = await callItems(deps, input, items);
  assertGoesOn();
  deps.failpoints.hit('worker.batch-before-settle');
  return settleItems(deps, input.batch, input, fates);
}

async function callItems(
  deps: BatchRunDeps,
  input: BatchCallInput,
  items: readonly BatchItem[],
): Promise<ItemFate[]> {
  let target: CallTarget;
  try {
    target = await findTarget(deps, { run: input.batch, call: input.call });
  } catch (error) {
    // Nobody's call can be made: each run ends as it would alone.
    if (!isEcluseError(error)) throw error;
    return items.map((item) => ({ item, fate: failedCall(input, error, input.attemptsUsed) }));
  }
  const call = { input, target, startedAt: performance.now() };
  const { operation, connector, repeatable } = target;
  const bulk = repeatable && operation.bulk !== undefined && connector.callBulk !== undefined;
  return bulk && items.length > 1 ? callInBulk(deps, call, items) : callSingly(deps, call, items);
}
