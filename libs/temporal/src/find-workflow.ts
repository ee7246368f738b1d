import { isEcluseError } from '@ecluse/errors';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';

/** `unknown`: never started here, wiped, or past its retention. `closed`: it ended, in whatever way. */
export type WorkflowFinding = 'running' | 'closed' | 'unknown';

/** Of Temporal's API: `WORKFLOW_EXECUTION_STATUS_RUNNING`. */
const RUNNING = 1;
const FIND_TIMEOUT_MS = 3000;

/** Looks for the latest execution under an id. Throws ENGINE_UNAVAILABLE, also when the namespace is missing. */
export async function findWorkflow(temporal: TemporalClient, workflowId: string): Promise<WorkflowFinding> {
  const { namespace } = temporal;
  try {
    const { workflowExecutionInfo } = await withDeadline(temporal, FIND_TIMEOUT_MS, 'find workflow', () =>
      temporal.client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
    );
    return Number(workflowExecutionInfo?.status) === RUNNING ? 'running' : 'closed';
  } catch (error) {
    if (isEcluseError(error, 'NOT_FOUND')) return 'unknown';
    throw error;
  }
}

/** Id of the namespace, which a Temporal that was set up anew does not share with the one before. */
export async function namespaceId(temporal: TemporalClient): Promise<string> {
  const { namespace } = temporal;
  const { namespaceInfo } = await withDeadline(temporal, FIND_TIMEOUT_MS, 'find namespace', () =>
    temporal.client.workflowService.describeNamespace({ namespace }),
  );
  return namespaceInfo?.id ?? '';
}
