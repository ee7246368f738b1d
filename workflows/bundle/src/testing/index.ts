export {
  BEHAVIOURS,
  failure,
  scriptActivities,
  type FlowBehaviour,
  type ScriptedActivities,
} from './flow-behaviours.js';
export { loadHistories, saveHistory, type WorkflowPackage } from './histories.js';
export { BATCH_BEHAVIOURS, scriptBatchActivities, type BatchBehaviour } from './batch-behaviours.js';
