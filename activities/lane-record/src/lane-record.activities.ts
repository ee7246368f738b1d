import { ApplicationFailure } from '@temporalio/common';
import { toApplicationFailure } from '@ecluse/activity-failure';
import type { LaneRecordActivities } from '@ecluse/contracts';
import { openLaneRun, type LaneRecordDeps } from './open-lane-run.js';

/** Local activities of a lane. Each may run again at any time: a killed worker repeats those of its last workflow task. */
export function createLaneRecordActivities(deps: LaneRecordDeps): LaneRecordActivities {
  return {
    openLaneRun: (input) => asActivity(() => openLaneRun(deps, input)),
    closeLaneRun: ({ lane, ...end }) => asActivity(() => deps.lanes.close(lane, end)),
    returnLaneRuns: (lane, runIds) => asActivity(() => deps.lanes.giveBack(lane, runIds)),
  };
}

async function asActivity<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof ApplicationFailure ? error : toApplicationFailure(error);
  }
}
