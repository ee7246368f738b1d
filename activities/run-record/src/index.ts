export { createRunRecordActivities, type RunRecordDeps } from './run-record.activities.js';
