import { ApplicationFailure } from '@temporalio/common';
import type {
  LaneItem,
  LaneOpening,
  LaneRef,
  OpenLaneInput,
  RunFailure,
  RunRecordActivities,
  RunRef,
  StepFailureDetails,
} from '@ecluse/contracts';
import { decideLane, type LaneDecision } from '@ecluse/flow-model';
import type { LaneRecord } from '@ecluse/storage';

export interface LaneRecordDeps {
  lanes: LaneRecord;
  /** Opens a run as outside of a lane. */
  openRun: RunRecordActivities['openRun'];
}

/** Looks at the lane, decides, and does what was decided: opens a run, ends some without running, or gives all back. */
export async function openLaneRun(
  deps: LaneRecordDeps,
  { lane, pending }: OpenLaneInput,
): Promise<LaneOpening> {
  const look = await deps.lanes.look(lane, pending);
  const decision = decideLane(look, pending, look.now);
  switch (decision.kind) {
    case 'hold':
      await deps.lanes.giveBack(
        lane,
        pending.map(({ run }) => run.runId),
      );
      return { kind: 'held' };
    case 'ended':
      return { kind: 'passed', runIds: decision.runIds };
    case 'stale':
      return passOverStale(deps, lane, decision);
    case 'run':
      return open(deps, lane, decision);
  }
}

async function passOverStale(
  deps: LaneRecordDeps,
  lane: LaneRef,
  { item, lastSequence }: Extract<LaneDecision, { kind: 'stale' }>,
): Promise<LaneOpening> {
  const note = `passed over: its sequence number ${item.sequence ?? ''} is not above ${lastSequence}, which ran before`;
  await deps.lanes.passOver(lane, { items: [item], note, counts: false });
  return { kind: 'passed', runIds: [item.run.runId] };
}

async function open(
  deps: LaneRecordDeps,
  lane: LaneRef,
  { item, older }: Extract<LaneDecision, { kind: 'run' }>,
): Promise<LaneOpening> {
  const { runId } = item.run;
  const run = await withBody(deps, item.run);
  const opened = await openRun(deps, run);
  if ('refused' in opened) return { kind: 'refused', runId, failure: opened.refused };
  if ('ended' in opened) return { kind: 'passed', runIds: [runId] };
  if (!opened.triggered) return notTriggered(deps, lane, item);
  // Only now: what is newer but does not concern the flow must not displace what does.
  await passOverOlder(deps, lane, older);
  return { kind: 'open', runId, opened, ...(run.bodyEdit === undefined ? {} : { bodyEdit: run.bodyEdit }) };
}

async function withBody(deps: LaneRecordDeps, run: RunRef): Promise<RunRef> {
  const bodyEdit = await deps.lanes.bodyEditOf(run.tenant, run.deliveryId);
  return bodyEdit === undefined ? run : { ...run, bodyEdit };
}

async function notTriggered(deps: LaneRecordDeps, lane: LaneRef, item: LaneItem): Promise<LaneOpening> {
  const result = { state: 'succeeded', triggered: false } as const;
  await deps.lanes.close(lane, { item, result, waiting: [] });
  return { kind: 'passed', runIds: [item.run.runId] };
}

async function passOverOlder(deps: LaneRecordDeps, lane: LaneRef, older: readonly LaneItem[]): Promise<void> {
  if (older.length === 0) return;
  const note = 'passed over: a newer delivery of its key waited, and the flow lets only the latest count';
  await deps.lanes.passOver(lane, { items: older, note, counts: true });
}

/** A refusal that would come again for ever ends the run; everything else is tried again by Temporal. */
async function openRun(
  deps: LaneRecordDeps,
  run: RunRef,
): Promise<Awaited<ReturnType<LaneRecordDeps['openRun']>> | { refused: RunFailure }> {
  try {
    return await deps.openRun(run);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.nonRetryable !== true) throw error;
    const details = error.details?.[0] as StepFailureDetails | undefined;
    const reason = details?.reason ?? 'The run could not be opened.';
    return { refused: { stepId: null, code: error.type ?? '', outcome: details?.outcome ?? null, reason } };
  }
}
