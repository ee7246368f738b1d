export {
  createTemporalClient,
  withDeadline,
  type TemporalClient,
  type TemporalClientOptions,
} from './create-temporal-client.js';
export { createDataConverter, FAILURE_CONVERTER_PATH } from './create-data-converter.js';
export { tenantOfWorkflow } from './tenant-of-workflow.js';
export { SEARCH_ATTRIBUTE_KEYS, searchAttributesOf } from './search-attributes.js';
export { startFlowRun, runRefOf, type StartableRun, type StartOptions } from './start-flow-run.js';
export { startFlowBatch, type StartableBatch } from './start-flow-batch.js';
export { signalLane, laneWorkflowId } from './signal-lane.js';
export type { Started } from './start-once.js';
export { findWorkflow, namespaceId, type WorkflowFinding } from './find-workflow.js';
export {
  describeWorkerDeployment,
  promoteWorkerBuild,
  type WorkerDeployment,
  type PromoteWorkerBuildOptions,
} from './worker-deployment.js';
export {
  toEngineError,
  grpcCodeOf,
  ENGINE_FAILURE_RULES,
  GRPC,
  type EngineFailureRule,
} from './engine-error.js';
