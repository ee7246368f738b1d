export { BEHAVIOURS, failure, type FlowBehaviour } from './flow-behaviours.js';
export { loadHistories, saveHistory, type WorkflowPackage } from './histories.js';
export { BATCH_BEHAVIOURS, scriptBatchActivities, type BatchBehaviour } from './batch-behaviours.js';
export { scriptActivities, type ScriptedActivities } from './script-activities.js';
