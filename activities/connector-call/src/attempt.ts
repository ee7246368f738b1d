import { Context } from '@temporalio/activity';
import type { CallResult } from '@ecluse/connector-sdk';
import type { CallInput } from '@ecluse/contracts';
import type { CredentialLease } from '@ecluse/credentials';
import { ERRORS } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';
import type { AttemptRecord } from '@ecluse/storage';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/** One try of one remote call, numbered over the whole step and all its waits. */
export interface Attempt {
  record: AttemptRecord;
  /** Remote calls made in the step, this one included once it was made. */
  used: number;
  startedAt: number;
}

export function attemptOf(input: CallInput): Attempt {
  const number = input.attemptsUsed + Context.current().info.attempt;
  return {
    used: number - 1,
    startedAt: Date.now(),
    record: {
      run: input.run,
      stepId: input.stepId,
      attempt: number,
      connection: input.call.connection,
      operation: input.call.operation,
    },
  };
}

/** Records how the attempt ended, and writes its one log line. */
export async function endAttempt(
  deps: Pick<ConnectorCallDeps, 'attempts' | 'log'>,
  { record, startedAt }: Attempt,
  { verdict }: CallResult,
  lease: CredentialLease,
  repeatable: boolean,
): Promise<void> {
  const { error, action } = outcomePolicy(verdict.outcome, repeatable);
  const end = {
    outcome: verdict.outcome,
    code: error === null ? null : ERRORS[error].code,
    reason: verdict.reason,
    leaseRef: lease.leaseRef,
    leaseExpiresAt: lease.expiresAt,
  };
  await deps.attempts.end(record, { ...end, vendorCode: verdict.vendorCode, leaseUser: lease.username });
  const { run, ...place } = record;
  deps.log.info('connector.attempted', {
    ...place,
    ...end,
    action,
    tenant: run.tenant,
    flow: run.flow,
    runId: run.runId,
    deliveryId: run.deliveryId,
    durationMs: Date.now() - startedAt,
  });
}
