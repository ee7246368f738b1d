import { FLOWS_TASK_QUEUE, FLOW_BATCH_WORKFLOW, type BatchRef } from '@ecluse/contracts';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';
import { refuseOversize } from './refuse-oversize.js';
import { searchAttributesOf } from './search-attributes.js';
import { START_TIMEOUT_MS, type StartOptions } from './start-flow-run.js';
import { startOnce, type Started } from './start-once.js';

/** A `FormedBatch` of the batch store fits. */
export type StartableBatch = BatchRef & { workflowId: string };

/** Starts a batch once; fails as `startFlowRun` does. The members are read from the store by the worker. */
export async function startFlowBatch(
  temporal: TemporalClient,
  batch: StartableBatch,
  options: StartOptions = {},
): Promise<Started> {
  const { tenant, batchId, flow, flowVersion, flowSha256, workflowId } = batch;
  const ref: BatchRef = { tenant, batchId, flow, flowVersion, flowSha256 };
  refuseOversize(workflowId, ref);
  return withDeadline(temporal, options.timeoutMs ?? START_TIMEOUT_MS, 'start batch', () =>
    startOnce(temporal, FLOW_BATCH_WORKFLOW, {
      taskQueue: options.taskQueue ?? FLOWS_TASK_QUEUE,
      workflowId,
      args: [ref],
      typedSearchAttributes: searchAttributesOf({ ...batch, replayOf: null }),
      priority: { priorityKey: 3, fairnessKey: tenant },
    }),
  );
}
