export { flowBatch } from './flow-batch.workflow.js';
