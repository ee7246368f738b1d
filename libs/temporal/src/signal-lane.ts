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

export interface SignalLaneOptions extends StartOptions {
  /** `living`: only a lane that runs gets the items; NOT_FOUND is thrown when none does. Default `any`. */
  lane?: 'any' | 'living';
}

/**
 * Hands runs to a lane, in order, and starts the lane when it does not run. Fails as `startFlowRun` does; after
 * ENGINE_UNAVAILABLE the lane may have them already, and a repeated item is a no-op for it.
 */
export async function signalLane(
  temporal: TemporalClient,
  lane: LaneRef,
  items: readonly LaneItem[],
  options: SignalLaneOptions = {},
): Promise<{ temporalRunId: string | null }> {
  const workflowId = laneWorkflowId(lane);
  refuseOversize(workflowId, items);
  const { lane: which = 'any', taskQueue = FLOWS_TASK_QUEUE, timeoutMs = START_TIMEOUT_MS } = options;
  return withDeadline(temporal, timeoutMs, 'signal lane', async () => {
    if (which === 'living') {
      await temporal.client.workflow.getHandle(workflowId).signal(LANE_DELIVER_SIGNAL, items);
      return { temporalRunId: null };
    }
    const handle = await temporal.client.workflow.signalWithStart(FLOW_LANE_WORKFLOW, {
      taskQueue,
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
