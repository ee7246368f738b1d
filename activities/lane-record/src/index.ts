export { createLaneRecordActivities } from './lane-record.activities.js';
export type { LaneRecordDeps } from './open-lane-run.js';
