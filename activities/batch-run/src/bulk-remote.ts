import { Context } from '@temporalio/activity';
import { LEASE_MARGIN_MS } from '@ecluse/connector-call';
import type { BulkResult } from '@ecluse/connector-sdk';
import type { CredentialLease } from '@ecluse/credentials';
import { isEcluseError } from '@ecluse/errors';
import type { BatchRunDeps } from './batch-run-deps.js';
import type { PreparedItem } from './prepare-items.js';
import type { BatchCall } from './single-calls.js';

interface BulkAnswer {
  result: BulkResult;
  lease: CredentialLease;
}

/** As a single call: one lease, and once more with a fresh one when the remote no longer knows the cached one. */
export async function callRemoteInBulk(
  deps: BatchRunDeps,
  call: BatchCall,
  chunk: readonly PreparedItem[],
): Promise<BulkAnswer> {
  const { credential, operation } = call.target;
  const callWithLease = (): Promise<BulkAnswer> =>
    deps.broker.withLease(credential, operation.timeout.attemptMs + LEASE_MARGIN_MS, async (lease) => {
      await Promise.all(chunk.map(({ attempt }) => deps.attempts.begin(attempt.record)));
      for (const { attempt } of chunk) attempt.used = attempt.record.attempt;
      return { lease, result: await callConnector(deps, call, chunk, lease) };
    });
  const answer = await callWithLease();
  if (!('verdict' in answer.result) || answer.result.verdict.outcome !== 'auth_stale') return answer;
  deps.broker.invalidate(answer.lease.leaseRef);
  return callWithLease();
}

async function callConnector(
  deps: BatchRunDeps,
  { input, target }: BatchCall,
  chunk: readonly PreparedItem[],
  lease: CredentialLease,
): Promise<BulkResult> {
  const deadline = AbortSignal.timeout(target.operation.timeout.attemptMs);
  const items = chunk.map(({ request, callKey }) => ({ input: request, callKey }));
  try {
    const called = target.connector.callBulk?.(target.spec, input.call.operation, items, {
      tenant: input.batch.tenant,
      connection: input.call.connection,
      credential: { username: lease.username, password: lease.password },
      signal: AbortSignal.any([Context.current().cancellationSignal, deadline]),
    });
    return (await called) ?? fault('contract_drift');
  } catch (error) {
    if (isEcluseError(error)) throw error;
    const { connection, operation } = input.call;
    deps.log.error('connector threw', { connection, operation, error });
    return fault(target.operation.effect === 'read' ? 'transient' : 'ambiguous');
  }
}

function fault(outcome: 'transient' | 'ambiguous' | 'contract_drift'): BulkResult {
  return { verdict: { outcome, reason: 'The connector failed unexpectedly.', vendorCode: null } };
}
