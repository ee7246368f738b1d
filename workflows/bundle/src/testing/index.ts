export {
  BEHAVIOURS,
  failure,
  scriptActivities,
  type FlowBehaviour,
  type ScriptedActivities,
} from './flow-behaviours.js';
export { HISTORIES, loadHistories, saveHistory } from './histories.js';
