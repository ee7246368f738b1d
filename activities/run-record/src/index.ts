export { createRunRecordActivities, createRunOpener, type RunRecordDeps } from './run-record.activities.js';
export { describeOpened, type OpenedRunDeps, type ShortCalls } from './describe-opened.js';
