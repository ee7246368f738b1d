/** Entry of the bundle: every name here is a workflow type. */
export * from '@ecluse/flow-run';
export { flowLane } from '@ecluse/flow-lane';
export { flowBatch } from '@ecluse/flow-batch';
