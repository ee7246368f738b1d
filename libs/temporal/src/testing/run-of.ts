import { randomUUID } from 'node:crypto';
import type { StartableRun } from '../start-flow-run.js';

/** A run of tenant `acme` that no other test starts. */
export function runOf(change: Partial<StartableRun> = {}): StartableRun {
  const id = randomUUID();
  const workflowId = `wh:acme:crm:${id.replaceAll('-', '')}:deal-won`;
  return {
    runId: id,
    tenant: 'acme',
    deliveryId: randomUUID(),
    flow: 'deal-won',
    flowVersion: 3,
    flowSha256: '0'.repeat(64),
    workflowId,
    origin: workflowId,
    effectNonce: null,
    replayOf: null,
    ...change,
  };
}
