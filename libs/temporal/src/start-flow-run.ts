import { FLOWS_TASK_QUEUE, FLOW_RUN_WORKFLOW, type RunRef } from '@ecluse/contracts';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';
import { refuseOversize } from './refuse-oversize.js';
import { searchAttributesOf } from './search-attributes.js';
import { startOnce, type Started } from './start-once.js';

/** What the dispatcher claimed: a `QueuedRun` of the dispatch store fits. */
export interface StartableRun {
  runId: string;
  tenant: string;
  deliveryId: string;
  flow: string;
  flowVersion: number;
  flowSha256: string;
  workflowId: string;
  origin: string;
  effectNonce: string | null;
  replayOf: string | null;
}
/** Of every start and signal of a run, batch or lane. */
export interface StartOptions {
  /** Milliseconds. Default 1500. */
  timeoutMs?: number;
  /** Default `flows`. */
  taskQueue?: string;
}

export const START_TIMEOUT_MS = 1500;

/**
 * Starts a run once: the workflow id derives from the delivery, so a second start finds the first, running or ended.
 *
 * Throws RUN_NOT_STARTABLE (give up, tell a person), ENGINE_UNAVAILABLE or VAULT_UNAVAILABLE (start again later with
 * the same id: the start may have happened).
 */
export async function startFlowRun(
  temporal: TemporalClient,
  run: StartableRun,
  options: StartOptions = {},
): Promise<Started> {
  const ref = runRefOf(run);
  refuseOversize(run.workflowId, ref);
  return withDeadline(temporal, options.timeoutMs ?? START_TIMEOUT_MS, 'start run', () =>
    startOnce(temporal, FLOW_RUN_WORKFLOW, {
      taskQueue: options.taskQueue ?? FLOWS_TASK_QUEUE,
      workflowId: run.workflowId,
      args: [ref],
      typedSearchAttributes: searchAttributesOf(run),
      priority: { priorityKey: 3, fairnessKey: run.tenant },
    }),
  );
}

/** What the workflow gets to know of a run. */
export function runRefOf(run: StartableRun): RunRef {
  const { tenant, runId, deliveryId, flow, flowVersion, flowSha256, origin, effectNonce } = run;
  const ref: RunRef = { tenant, runId, deliveryId, flow, flowVersion, flowSha256, origin };
  return effectNonce === null ? ref : { ...ref, effectNonce };
}
