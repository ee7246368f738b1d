import type { OperatorLinks } from '../ports.js';
import type { Operator, SessionRegistry } from './session-registry.js';

/** Links to the operator listener: one-time logins, and pages of the Temporal UI. */
export class ListenerLinks implements OperatorLinks {
  constructor(
    private readonly sessions: SessionRegistry,
    private readonly origin: string,
    private readonly namespace: string,
  ) {}

  create(operator: Operator): { url: string; expiresAt: Date } {
    const { token, expiresAt } = this.sessions.createLink(operator);
    return { url: `${this.origin}/login/${token}`, expiresAt };
  }

  toRun(workflowId: string, temporalRunId: string | null): string {
    const workflow = `${this.origin}/namespaces/${encodeURIComponent(this.namespace)}/workflows/${encodeURIComponent(workflowId)}`;
    return temporalRunId === null ? workflow : `${workflow}/${encodeURIComponent(temporalRunId)}/history`;
  }
}
