export { flowRun } from './flow-run.workflow.js';
