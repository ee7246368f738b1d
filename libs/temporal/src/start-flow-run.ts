import { FLOWS_TASK_QUEUE, FLOW_RUN_WORKFLOW, type RunRef } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';
import { searchAttributesOf } from './search-attributes.js';

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
export interface StartFlowRunOptions {
  /** Milliseconds. Default 1500. */
  timeoutMs?: number;
  /** Default `flows`. */
  taskQueue?: string;
}
export interface StartedFlowRun {
  /** Temporal's run id; null when the run had ended before this start. */
  temporalRunId: string | null;
}

/** Longer ids are accepted by SQLite and retried for 28 s by a server on PostgreSQL. */
const MAX_ID_BYTES = 255;
/** Temporal refuses payloads over 2 MB, and retries for 40 s over 4 MB. */
const MAX_ARGS_BYTES = 256 * 1024;
const START_TIMEOUT_MS = 1500;

/**
 * Starts a run once: the workflow id derives from the delivery, so a second start finds the first, running or ended.
 *
 * Throws RUN_NOT_STARTABLE (give up, tell a person), ENGINE_UNAVAILABLE or VAULT_UNAVAILABLE (start again later with
 * the same id: the start may have happened).
 */
export async function startFlowRun(
  temporal: TemporalClient,
  run: StartableRun,
  options: StartFlowRunOptions = {},
): Promise<StartedFlowRun> {
  const ref = toRunRef(run);
  refuseOversize(run.workflowId, ref);
  const start = async (): Promise<StartedFlowRun> => {
    try {
      const handle = await temporal.client.workflow.start(FLOW_RUN_WORKFLOW, {
        taskQueue: options.taskQueue ?? FLOWS_TASK_QUEUE,
        workflowId: run.workflowId,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        // No execution timeout: Temporal would end the run behind the interpreter's back, without a record of it.
        // Each step is bounded by its own retry policy.
        args: [ref],
        typedSearchAttributes: searchAttributesOf(run),
        priority: { priorityKey: 3, fairnessKey: run.tenant },
      });
      return { temporalRunId: handle.firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { temporalRunId: null };
      throw error;
    }
  };
  return withDeadline(temporal, options.timeoutMs ?? START_TIMEOUT_MS, 'start run', start);
}

function toRunRef(run: StartableRun): RunRef {
  const { tenant, runId, deliveryId, flow, flowVersion, flowSha256, origin, effectNonce } = run;
  const ref: RunRef = { tenant, runId, deliveryId, flow, flowVersion, flowSha256, origin };
  return effectNonce === null ? ref : { ...ref, effectNonce };
}

function refuseOversize(workflowId: string, ref: RunRef): void {
  const idBytes = Buffer.byteLength(workflowId);
  if (idBytes === 0 || idBytes > MAX_ID_BYTES) {
    throw new EcluseError('RUN_NOT_STARTABLE', {
      detail: `workflow id has ${idBytes} bytes, 1 to ${MAX_ID_BYTES} are possible`,
    });
  }
  const argsBytes = Buffer.byteLength(JSON.stringify(ref));
  if (argsBytes > MAX_ARGS_BYTES) {
    throw new EcluseError('RUN_NOT_STARTABLE', {
      detail: `arguments have ${argsBytes} bytes, at most ${MAX_ARGS_BYTES} are possible`,
    });
  }
}
