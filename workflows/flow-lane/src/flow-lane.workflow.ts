import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  LANE_DELIVER_SIGNAL,
  type LaneItem,
  type LaneOpening,
  type LaneRecordActivities,
  type LaneRef,
  type RunResult,
} from '@ecluse/contracts';
import { executeRun, RECORD_APART_OPTIONS, RECORD_OPTIONS, toRunFailure } from '@ecluse/flow-run/interpreter';
import { LaneHands } from './lane-hands.js';
import { TaskBound } from './task-bound.js';

const record = proxyLocalActivities<LaneRecordActivities>(RECORD_OPTIONS);
/** Ends the workflow task, within milliseconds; a timer would take up to a second, however short it is. */
const recordApart = proxyActivities<LaneRecordActivities>(RECORD_APART_OPTIONS);
const deliver = defineSignal<[LaneItem[]]>(LANE_DELIVER_SIGNAL);

/** Runs after which the history is begun anew: with some 20 events per run it stays far below the engine's limits. */
const RUNS_PER_HISTORY = 200;
/** How long a lane waits for more before it ends; the next signal starts it again. */
const IDLE_TIME = '30s';

/**
 * Runs the deliveries of one order key, one after the other. It holds nothing that is not in PostgreSQL too: when the
 * head fails and the flow's policy stops the lane, everything goes back there and the workflow ends.
 */
export async function flowLane(lane: LaneRef, carried: LaneItem[] = []): Promise<void> {
  const hands = new LaneHands();
  hands.deliver(carried);
  // It never waits, so no signal is half handled when the workflow ends or goes on under a new history.
  setHandler(deliver, (items) => {
    hands.deliver(items);
  });
  try {
    await workThrough(lane, hands);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => giveBack(lane, hands));
    throw error;
  }
}

async function workThrough(lane: LaneRef, hands: LaneHands): Promise<void> {
  const bound = new TaskBound();
  let goesOn = true;
  for (;;) {
    if (hands.isEmpty && goesOn) await condition(() => !hands.isEmpty, IDLE_TIME);
    if (hands.isEmpty) return;
    if (hasLongHistory(hands)) await continueWith(lane, hands.pending);
    goesOn = await workOnHead(lane, hands, bound.reachedByNext() ? recordApart : record);
  }
}

function hasLongHistory(hands: LaneHands): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged: newBuild } = workflowInfo();
  return hands.handled >= RUNS_PER_HISTORY || (hands.handled > 0 && (continueAsNewSuggested || newBuild));
}

/** A lane that is never idle would stay on its first build for ever: a new history is the place to change it. */
async function continueWith(lane: LaneRef, pending: LaneItem[]): Promise<never> {
  const newBuild = workflowInfo().targetWorkerDeploymentVersionChanged;
  const options = newBuild ? { initialVersioningBehavior: 'AUTO_UPGRADE' as const } : {};
  return makeContinueAsNewFunc<typeof flowLane>(options)(lane, pending);
}

/** False: the lane has stopped, and gave back what it held. */
async function workOnHead(
  lane: LaneRef,
  hands: LaneHands,
  { closeLaneRun }: Pick<LaneRecordActivities, 'closeLaneRun'>,
): Promise<boolean> {
  const { pending } = hands;
  const ids = pending.map(({ run }) => run.runId);
  const opening = await record.openLaneRun({ lane, pending });
  if (opening.kind === 'held' || opening.kind === 'passed') {
    hands.release(opening.kind === 'held' ? ids : opening.runIds);
    return opening.kind === 'passed';
  }
  const item = pending.find(({ run }) => run.runId === opening.runId);
  // Only a lane of another build could answer with a run that it was not given; the next look sets it right.
  if (item === undefined) return true;
  const result = await runItem(item, opening);
  const waiting = ids.filter((runId) => runId !== opening.runId);
  // A cancelled run is recorded too: nothing that was accepted disappears.
  const close = () => closeLaneRun({ lane, item, result, waiting });
  const { goesOn } = await CancellationScope.nonCancellable(close);
  hands.release(goesOn ? [opening.runId] : ids);
  return goesOn;
}

async function runItem(
  { run }: LaneItem,
  opening: Extract<LaneOpening, { kind: 'open' | 'refused' }>,
): Promise<RunResult> {
  if (opening.kind === 'refused') return { state: 'dead_letter', failure: opening.failure };
  const { bodyEdit, opened } = opening;
  try {
    await executeRun({ ...run, ...(bodyEdit === undefined ? {} : { bodyEdit }) }, opened);
    return { state: 'succeeded', triggered: true };
  } catch (error) {
    return { state: 'dead_letter', failure: toRunFailure(error) };
  }
}

async function giveBack(lane: LaneRef, hands: LaneHands): Promise<void> {
  if (hands.isEmpty) return;
  const runIds = hands.pending.map(({ run }) => run.runId);
  await record.returnLaneRuns(lane, runIds);
}
