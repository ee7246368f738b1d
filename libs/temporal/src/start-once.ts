import { WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';
import type { TemporalClient } from './create-temporal-client.js';

export interface Started {
  /** Temporal's run id; null when a workflow of this id had ended before this start. */
  temporalRunId: string | null;
}
type Options = Omit<WorkflowStartOptions, 'workflowIdReusePolicy' | 'workflowIdConflictPolicy'>;

/**
 * Starts a workflow unless its id was used, running or ended. No execution timeout: Temporal would end the workflow
 * behind the interpreter's back, without a record of it; each step is bounded by its own retry policy.
 */
export async function startOnce(
  temporal: TemporalClient,
  workflowType: string,
  options: Options,
): Promise<Started> {
  try {
    const handle = await temporal.client.workflow.start(workflowType, {
      ...options,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    return { temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { temporalRunId: null };
    throw error;
  }
}
