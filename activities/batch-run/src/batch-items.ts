import type { BatchProgress, BatchRef, JsonValue, RunResult, StepOutputs } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import type { BatchMember } from '@ecluse/storage';
import type { BatchRunDeps, OutputsByRun } from './batch-run-deps.js';
import { tooLarge } from './too-large.js';
import type { Fate } from './fate.js';

/** One run of a batch before a step. */
export interface BatchItem {
  run: BatchMember;
  steps: StepOutputs;
}
export interface ItemFate {
  item: BatchItem;
  fate: Fate;
}

type StoreDeps = Pick<BatchRunDeps, 'batches' | 'runs' | 'batchOutputs' | 'log'>;

/** The runs that are still in the batch, in order of arrival, with the outputs of their earlier steps. */
export async function loadItems(deps: StoreDeps, batch: BatchRef): Promise<BatchItem[]> {
  const [members, sealed] = await Promise.all([deps.batches.members(batch), deps.batches.outputs(batch)]);
  const kept = await Promise.all(
    [...sealed].map(
      async ([stepId, bytes]) => [stepId, await deps.batchOutputs.open(batch, stepId, bytes)] as const,
    ),
  );
  return members.map((run) => ({ run, steps: stepsOf(kept, run.runId) }));
}

function stepsOf(kept: (readonly [string, OutputsByRun])[], runId: string): StepOutputs {
  const own = kept.flatMap(([stepId, outputs]): [string, JsonValue][] => {
    const output = outputs[runId];
    return output === undefined ? [] : [[stepId, output]];
  });
  return Object.fromEntries(own);
}

/** Records what became of the runs: those that are done stay, the others end or leave. */
export async function settleItems(
  deps: StoreDeps,
  batch: BatchRef,
  step: { stepId: string; keep: boolean },
  fates: readonly ItemFate[],
): Promise<BatchProgress> {
  const settled = fates.map(({ item, fate }) => ({ item, fate: tooLarge(step.stepId, item.steps, fate) }));
  const outputs: OutputsByRun = {};
  for (const { item, fate } of settled) if (fate.kind === 'done') outputs[item.run.runId] = fate.output;
  const size = Object.keys(outputs).length;
  if (step.keep && size > 0) {
    const sealed = await deps.batchOutputs.seal(batch, step.stepId, outputs);
    await deps.batches.saveOutputs(batch, step.stepId, sealed);
  }
  await parting(deps, batch, settled);
  return { size };
}

/** Ends the runs that failed, and lets those go that leave. */
export async function parting(
  deps: Pick<StoreDeps, 'batches' | 'runs' | 'log'>,
  batch: BatchRef,
  fates: readonly { item: Pick<BatchItem, 'run'>; fate: Fate }[],
): Promise<void> {
  const ends = fates.flatMap(({ item: { run }, fate }) =>
    fate.kind === 'failed' ? [{ run, result: { state: 'dead_letter' as const, failure: fate.failure } }] : [],
  );
  const leavers = fates.flatMap(({ item: { run }, fate }) =>
    fate.kind === 'leaves' ? [{ runId: run.runId, pauseMs: fate.pauseMs, reason: fate.reason }] : [],
  );
  await endRuns(deps, batch, ends);
  if (leavers.length === 0) return;
  await deps.batches.leave(batch, leavers);
  deps.log.info('batch.left', {
    tenant: batch.tenant,
    flow: batch.flow,
    batchId: batch.batchId,
    count: leavers.length,
  });
}

/** All at once, so that they share transactions. A run that is no longer in the batch is not ours to end. */
export async function endRuns(
  deps: Pick<StoreDeps, 'runs'>,
  batch: BatchRef,
  ends: readonly { run: BatchMember; result: RunResult }[],
): Promise<void> {
  await Promise.all(
    ends.map(async ({ run, result }) => {
      try {
        await deps.runs.close(run, result, { batchId: batch.batchId });
      } catch (error) {
        if (!isEcluseError(error, 'STATE_CONFLICT')) throw error;
      }
    }),
  );
}
