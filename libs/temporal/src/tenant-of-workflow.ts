const WORKFLOW_ID = /^(?:wh|batch|lane):([a-z0-9-]{1,63}):/;

/** Tenant in the id of a run, batch or lane, `wh:<tenant>:…`; null for any other id. */
export function tenantOfWorkflow(workflowId: string): string | null {
  return WORKFLOW_ID.exec(workflowId)?.[1] ?? null;
}
