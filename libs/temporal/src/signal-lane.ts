import {
  FLOWS_TASK_QUEUE,
  FLOW_LANE_WORKFLOW,
  LANE_DELIVER_SIGNAL,
  type LaneItem,
  type LaneRef,
} from '@ecluse/contracts';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';
import { refuseOversize } from './refuse-oversize.js';
import { SEARCH_ATTRIBUTE_KEYS } from './search-attributes.js';
import { START_TIMEOUT_MS, type StartOptions } from './start-flow-run.js';

/** Workflow id of a lane; a lane that ended is started anew under the same id. */
export function laneWorkflowId({ tenant, flow, laneKey }: LaneRef): string {
  return `lane:${tenant}:${flow}:${laneKey}`;
}

/**
 * Hands runs to a lane, in order, and starts the lane when it does not run. Fails as `startFlowRun` does; after
 * ENGINE_UNAVAILABLE the lane may have them already, and a repeated item is a no-op for it.
 */
export async function signalLane(
  temporal: TemporalClient,
  lane: LaneRef,
  items: readonly LaneItem[],
  options: StartOptions = {},
): Promise<{ temporalRunId: string }> {
  const workflowId = laneWorkflowId(lane);
  refuseOversize(workflowId, items);
  return withDeadline(temporal, options.timeoutMs ?? START_TIMEOUT_MS, 'signal lane', async () => {
    const handle = await temporal.client.workflow.signalWithStart(FLOW_LANE_WORKFLOW, {
      taskQueue: options.taskQueue ?? FLOWS_TASK_QUEUE,
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [lane],
      signal: LANE_DELIVER_SIGNAL,
      signalArgs: [items],
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTE_KEYS.tenant, value: lane.tenant },
        { key: SEARCH_ATTRIBUTE_KEYS.flow, value: lane.flow },
      ],
      priority: { priorityKey: 3, fairnessKey: lane.tenant },
    });
    return { temporalRunId: handle.signaledRunId };
  });
}
