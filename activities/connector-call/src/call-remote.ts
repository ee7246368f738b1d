import { Context } from '@temporalio/activity';
import type { CallResult } from '@ecluse/connector-sdk';
import type { CallInput, JsonObject } from '@ecluse/contracts';
import type { CredentialLease } from '@ecluse/credentials';
import { isEcluseError } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';
import type { Attempt } from './attempt.js';
import type { CallTarget } from './call-target.js';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/** The lease has to outlive the attempt by this much: clocks differ, and a commit must not race the revocation. */
export const LEASE_MARGIN_MS = 5_000;

interface Answer {
  result: CallResult;
  /** The lease that was used, for the record: its secret is not read again. */
  lease: CredentialLease;
}

/**
 * Takes a lease and calls the connector, at most once more when the remote no longer knows the cached credential.
 * The attempt is logged only once there is a lease: waiting for Vault is not an attempt.
 */
export async function callRemote(
  deps: ConnectorCallDeps,
  input: CallInput,
  target: CallTarget,
  request: JsonObject,
  callKey: string,
  attempt: Attempt,
): Promise<Answer> {
  const needForMs = target.operation.timeout.attemptMs + LEASE_MARGIN_MS;
  const callWithLease = (): Promise<Answer> =>
    deps.broker.withLease(target.credential, needForMs, async (lease) => {
      await deps.attempts.begin(attempt.record);
      attempt.used = attempt.record.attempt;
      return { lease, result: await callConnector(deps, input, target, request, callKey, lease) };
    });

  let answer = await callWithLease();
  if (outcomePolicy(answer.result.verdict.outcome, target.repeatable).action === 'refreshCredentialOnce') {
    deps.broker.invalidate(answer.lease.leaseRef);
    answer = await callWithLease();
  }
  deps.failpoints.hit('worker.after-call');
  return answer;
}

async function callConnector(
  deps: ConnectorCallDeps,
  input: CallInput,
  target: CallTarget,
  request: JsonObject,
  callKey: string,
  lease: CredentialLease,
): Promise<CallResult> {
  const deadline = AbortSignal.timeout(target.operation.timeout.attemptMs);
  try {
    return await target.connector.call(target.spec, input.call.operation, request, {
      tenant: input.run.tenant,
      connection: input.call.connection,
      credential: { username: lease.username, password: lease.password },
      callKey,
      signal: AbortSignal.any([Context.current().cancellationSignal, deadline]),
    });
  } catch (error) {
    if (isEcluseError(error)) throw error;
    // A connector answers with verdicts. One that throws left the call at an unknown point.
    deps.log.error('connector threw', {
      connection: input.call.connection,
      operation: input.call.operation,
      error,
    });
    const outcome = target.operation.effect === 'read' ? 'transient' : 'ambiguous';
    return { verdict: { outcome, reason: 'The connector failed unexpectedly.', vendorCode: null } };
  }
}
