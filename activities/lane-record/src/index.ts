export { createLaneRecordActivities, type LaneRecordDeps } from './lane-record.activities.js';
