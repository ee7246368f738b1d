/** Workflow type of the flow interpreter, as registered in Temporal. */
export const FLOW_RUN_WORKFLOW = 'flowRun';
/** Workflow type that runs many deliveries of one flow version together. */
export const FLOW_BATCH_WORKFLOW = 'flowBatch';
/** Workflow type that runs the deliveries of one order key, one after the other. */
export const FLOW_LANE_WORKFLOW = 'flowLane';
/** Signal by which a lane gets more runs, in order: its argument is `LaneItem[]`. */
export const LANE_DELIVER_SIGNAL = 'deliver';
/**
 * Task queue of flow runs and of their activities. One queue for both, so that activities
 * follow the pinned worker build of their run.
 */
export const FLOWS_TASK_QUEUE = 'flows';
/** Temporal worker deployment that every flow worker belongs to. */
export const FLOWS_DEPLOYMENT = 'ecluse-flows';
/** Temporal namespace used unless configured otherwise. */
export const DEFAULT_NAMESPACE = 'ecluse';
/** Search attributes of a run. They are plaintext in Temporal: opaque names only, never personal data. */
export const SEARCH_ATTRIBUTES = {
  tenant: 'TenantId',
  flow: 'FlowId',
  flowVersion: 'FlowVersion',
  replayOf: 'ReplayOf',
} as const;
