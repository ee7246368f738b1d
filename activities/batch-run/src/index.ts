export { createBatchRunActivities } from './batch-run.activities.js';
export type { BatchOutputs, BatchRunDeps, OutputsByRun } from './batch-run-deps.js';
