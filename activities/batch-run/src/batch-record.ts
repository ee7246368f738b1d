import { Context } from '@temporalio/activity';
import type { BatchEnd, BatchProgress, BatchRef, OpenedBatch, RunResult } from '@ecluse/contracts';
import { evaluateOver } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import { conditionResult } from '@ecluse/flow-model';
import type { BatchMember } from '@ecluse/storage';
import type { BatchRunDeps } from './batch-run-deps.js';
import { endRuns, parting } from './batch-items.js';
import { mapBounded } from './bounded.js';
import { fateOf, type Fate } from './fate.js';

/** Evaluations at once; each may hold a decrypted body. */
export const EVALUATIONS_AT_ONCE = 16;

/** Throws FLOW_VERSION_MISMATCH, NOT_FOUND, and what says that the platform is away. */
export async function openBatch(deps: BatchRunDeps, batch: BatchRef): Promise<OpenedBatch> {
  const temporalRunId = Context.current().info.workflowExecution?.runId ?? '';
  if ((await deps.batches.open(batch, temporalRunId)) === 'closed') return { ended: true };
  const flow = await deps.runs.loadFlow(batch);
  const members = await deps.batches.members(batch);
  const { when } = flow.on;
  if (when === undefined) return { steps: flow.steps, size: members.length };
  const triggers = await mapBounded(members, EVALUATIONS_AT_ONCE, (run) => triggerOf(deps, run, when));
  await endRuns(
    deps,
    batch,
    triggers.flatMap(({ run, trigger }) =>
      trigger === false ? [{ run, result: { state: 'succeeded' as const, triggered: false } }] : [],
    ),
  );
  const refused = triggers.flatMap(({ run, trigger }) =>
    typeof trigger === 'boolean' ? [] : [{ item: { run }, fate: trigger }],
  );
  await parting(deps, batch, refused);
  return { steps: flow.steps, size: triggers.filter(({ trigger }) => trigger === true).length };
}

async function triggerOf(
  deps: BatchRunDeps,
  run: BatchMember,
  when: string,
): Promise<{ run: BatchMember; trigger: boolean | Fate }> {
  try {
    const document = await deps.documents.load(run);
    const condition = conditionResult(await evaluateOver(deps.evaluator, when, document, {}));
    if (!condition.ok)
      throw new EcluseError('MAPPING_FAILED', { detail: `the trigger's ${condition.message}` });
    return { run, trigger: condition.value };
  } catch (error) {
    return {
      run,
      trigger: fateOf(error, { stepId: null, attemptsUsed: 0, policy: { attempts: 1, firstMs: 0 } }),
    };
  }
}

/** Ends what is left, then closes the batch. Killed in between, it finds no run the second time. */
export async function closeBatch(deps: BatchRunDeps, batch: BatchRef, end: BatchEnd): Promise<BatchProgress> {
  deps.failpoints.hit('worker.before-close');
  const members = await deps.batches.members(batch);
  if (end.state === 'left') {
    const reason = 'The batch could not go on; the run goes on alone.';
    const leavers = members.map(({ runId }) => ({ runId, pauseMs: 0, reason }));
    await deps.batches.leave(batch, leavers);
  } else {
    const result: RunResult = end.state === 'succeeded' ? { state: 'succeeded', triggered: true } : end;
    await endRuns(
      deps,
      batch,
      members.map((run) => ({ run, result })),
    );
  }
  await deps.batches.close(batch);
  return { size: end.state === 'succeeded' ? members.length : 0 };
}
