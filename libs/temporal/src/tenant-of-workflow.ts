const RUN_ID = /^wh:([a-z0-9-]{1,63}):/;

/** Tenant in the workflow id of a run, `wh:<tenant>:…`; null for any other id. */
export function tenantOfWorkflow(workflowId: string): string | null {
  return RUN_ID.exec(workflowId)?.[1] ?? null;
}
