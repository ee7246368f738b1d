export { flowLane } from './flow-lane.workflow.js';
