import { ApplicationFailure } from '@temporalio/common';
import { toApplicationFailure } from '@ecluse/activity-failure';
import type { LaneRecordActivities, RunRecordActivities } from '@ecluse/contracts';
import type { LaneRecord } from '@ecluse/storage';
import { openLaneRun } from './open-lane-run.js';

export interface LaneRecordDeps {
  lanes: LaneRecord;
  /** Opens a run as outside of a lane. */
  openRun: RunRecordActivities['openRun'];
}

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
