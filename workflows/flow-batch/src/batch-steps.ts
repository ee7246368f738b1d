import { proxyActivities, sleep } from '@temporalio/workflow';
import type {
  BatchProgress,
  BatchRef,
  BatchStepActivities,
  CallStep,
  ChooseStep,
  FlowStep,
  MapStep,
} from '@ecluse/contracts';
import { isCallStep, isChooseStep, readsOutputs } from '@ecluse/flow-model';
import { detailsOf, pauseAfterWait } from '@ecluse/flow-run/interpreter';
import { BATCH_PLATFORM_OPTIONS, BATCH_STEP_OPTIONS } from './batch-options.js';

const step = proxyActivities<BatchStepActivities>(BATCH_STEP_OPTIONS);
const platform = proxyActivities<BatchStepActivities>(BATCH_PLATFORM_OPTIONS);

/** The steps that a batch has before it, and how many runs are left for them. */
interface Road {
  steps: readonly FlowStep[];
  size: number;
  /** What comes after `steps`: it decides whether outputs are kept. */
  after?: readonly FlowStep[];
}

/** Runs the steps in order for as long as runs are left. */
export async function executeBatchSteps(
  batch: BatchRef,
  { steps, size, after = [] }: Road,
): Promise<BatchProgress> {
  let left = size;
  for (const [index, current] of steps.entries()) {
    if (left === 0) break;
    const later = [...steps.slice(index + 1), ...after];
    left = (await executeStep(batch, current, later)).size;
  }
  return { size: left };
}

function executeStep(batch: BatchRef, current: FlowStep, later: readonly FlowStep[]): Promise<BatchProgress> {
  if (isChooseStep(current)) return choose(batch, current, later);
  const keep = readsOutputs(later);
  return isCallStep(current) ? call(batch, current, keep) : map(batch, current, keep);
}

function map(batch: BatchRef, { id, map: expression }: MapStep, keep: boolean): Promise<BatchProgress> {
  return withPlatform(batch, null, () => step.mapBatch({ batch, stepId: id, expression, keep }));
}

function call(batch: BatchRef, { id, call, retry }: CallStep, keep: boolean): Promise<BatchProgress> {
  return withPlatform(batch, call.connection, (attemptsUsed) =>
    step.callBatch({
      batch,
      stepId: id,
      call,
      ...(retry === undefined ? {} : { retry }),
      keep,
      attemptsUsed,
    }),
  );
}

/** The runs that take the commonest branch go on together; the others have left when this answers. */
async function choose(
  batch: BatchRef,
  current: ChooseStep,
  later: readonly FlowStep[],
): Promise<BatchProgress> {
  const conditions = current.choose.map(({ when }) => when);
  const chosen = await withPlatform(batch, null, () =>
    step.chooseBatch({ batch, stepId: current.id, conditions }),
  );
  const { branch, size } = chosen;
  const steps = branch === null ? (current.otherwise ?? []) : (current.choose[branch]?.steps ?? []);
  return executeBatchSteps(batch, { steps, size, after: later });
}

/** As a single run does: a part of the platform that is away is waited for, and costs the step nothing. */
async function withPlatform<T>(
  batch: BatchRef,
  connection: string | null,
  execute: (attemptsUsed: number) => Promise<T>,
): Promise<T> {
  let attemptsUsed = 0;
  for (let waits = 1; ; waits += 1) {
    try {
      return await execute(attemptsUsed);
    } catch (error) {
      const details = detailsOf(error);
      if (details?.platformAway !== true) throw error;
      attemptsUsed = Math.max(attemptsUsed, details.attemptsUsed);
    }
    await platform.awaitBatchPlatform({ batch, connection });
    await sleep(pauseAfterWait(waits));
  }
}
