import { attemptEndOf, CallRefused, logAttempt, mapOutput, settleEffect } from '@ecluse/connector-call';
import type { CallResult, Verdict } from '@ecluse/connector-sdk';
import type { OutcomeClass } from '@ecluse/contracts';
import type { CredentialLease } from '@ecluse/credentials';
import type { BatchItem, ItemFate } from './batch-items.js';
import { EVALUATIONS_AT_ONCE } from './batch-record.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { mapBounded } from './bounded.js';
import { callRemoteInBulk } from './bulk-remote.js';
import { assertGoesOn } from './goes-on.js';
import { prepareItems, type PreparedItem } from './prepare-items.js';
import { callSingly, failedCall, type BatchCall } from './single-calls.js';

/** Below this many items, single calls cost less than looking for the one to blame. */
const FEWEST_TO_HALVE = 4;
/** Outcomes that mean every item alike: a single call would meet them too. */
const SHARED = new Set<OutcomeClass>(['throttled', 'auth_stale', 'auth_revoked', 'forbidden']);
/** Outcomes that one item may have caused. */
const OF_ONE_ITEM = new Set<OutcomeClass>([
  'invalid',
  'missing_dependency',
  'not_found',
  'duplicate',
  'business_limit',
  'stale_version',
]);

/** Prepares all items, then calls in as few bulk calls as the operation allows. */
export async function callInBulk(
  deps: BatchRunDeps,
  call: BatchCall,
  items: readonly BatchItem[],
): Promise<ItemFate[]> {
  const { prepared, fates } = await prepareItems(deps, call, items);
  const most = call.target.operation.bulk?.maxItems ?? prepared.length;
  for (let from = 0; from < prepared.length; from += most) {
    fates.push(...(await callChunk(deps, call, prepared.slice(from, from + most))));
  }
  return fates;
}

/** A call that failed as a whole is made again in halves, and at last one by one, so that only the one to blame fails. */
async function callChunk(
  deps: BatchRunDeps,
  call: BatchCall,
  chunk: readonly PreparedItem[],
): Promise<ItemFate[]> {
  assertGoesOn();
  deps.failpoints.hit('worker.batch-before-call');
  const { result, lease } = await callThroughCircuit(deps, call, chunk);
  deps.failpoints.hit('worker.batch-after-call');
  assertGoesOn();
  if ('results' in result) return settleAll(deps, call, chunk, result.results, lease);
  const { verdict } = result;
  logBulkFailed(deps, call, chunk.length, verdict);
  if (SHARED.has(verdict.outcome)) {
    return settleAll(
      deps,
      call,
      chunk,
      chunk.map(() => ({ verdict })),
      lease,
    );
  }
  if (!OF_ONE_ITEM.has(verdict.outcome) || chunk.length < FEWEST_TO_HALVE) {
    return callSingly(
      deps,
      call,
      chunk.map(({ item }) => item),
    );
  }
  const middle = Math.ceil(chunk.length / 2);
  const first = await callChunk(deps, call, chunk.slice(0, middle));
  return [...first, ...(await callChunk(deps, call, chunk.slice(middle)))];
}

/** Throws CONNECTION_HELD, which holds the whole batch. */
async function callThroughCircuit(
  deps: BatchRunDeps,
  call: BatchCall,
  chunk: readonly PreparedItem[],
): ReturnType<typeof callRemoteInBulk> {
  const { batch, call: step } = call.input;
  const pass = await deps.circuits.assertPasses(batch.tenant, step.connection);
  try {
    const answer = await callRemoteInBulk(deps, call, chunk);
    const verdicts =
      'results' in answer.result
        ? answer.result.results.map(({ verdict }) => verdict)
        : [answer.result.verdict];
    for (const verdict of verdicts) await pass.report(verdict);
    return answer;
  } finally {
    pass.release();
  }
}

/** All outcomes at once: they share a transaction. */
async function settleAll(
  deps: BatchRunDeps,
  call: BatchCall,
  chunk: readonly PreparedItem[],
  results: readonly CallResult[],
  lease: CredentialLease,
): Promise<ItemFate[]> {
  const { repeatable } = call.target;
  const settled = await Promise.allSettled(
    chunk.map(async ({ attempt, effect }, index) => {
      const result = results[index] ?? { verdict: MISSING };
      const end = attemptEndOf(result, lease, repeatable);
      await settleEffect(deps, effect, result, repeatable, () => deps.attempts.end(attempt.record, end));
      logAttempt(deps, attempt, end, repeatable);
      return result;
    }),
  );
  return mapBounded([...chunk.entries()], EVALUATIONS_AT_ONCE, async ([index, { item, input, attempt }]) => {
    try {
      const outcome = settled[index];
      if (outcome?.status !== 'fulfilled') throw outcome?.reason;
      const result = outcome.value;
      if (!('output' in result)) throw CallRefused.by(result.verdict, repeatable);
      return { item, fate: { kind: 'done', output: await mapOutput(deps, input, result.output) } };
    } catch (error) {
      return { item, fate: failedCall(call.input, error, attempt.used) };
    }
  });
}

const MISSING: Verdict = {
  outcome: 'ambiguous',
  reason: 'The connector gave no result for this item.',
  vendorCode: null,
};

function logBulkFailed(deps: BatchRunDeps, { input }: BatchCall, items: number, verdict: Verdict): void {
  deps.log.warn('connector.bulk-failed', {
    tenant: input.batch.tenant,
    flow: input.batch.flow,
    batchId: input.batch.batchId,
    stepId: input.stepId,
    connection: input.call.connection,
    operation: input.call.operation,
    count: items,
    outcome: verdict.outcome,
    reason: verdict.reason,
  });
}
