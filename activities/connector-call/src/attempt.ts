import { Context } from '@temporalio/activity';
import type { CallResult } from '@ecluse/connector-sdk';
import type { CallInput } from '@ecluse/contracts';
import type { CredentialLease } from '@ecluse/credentials';
import { ERRORS } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';
import type { AttemptEnd, AttemptRecord } from '@ecluse/storage';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/** One try of one remote call, numbered over the whole step and all its waits. */
export interface Attempt {
  record: AttemptRecord;
  /** Remote calls made in the step, this one included once it was made. */
  used: number;
  startedAt: number;
}

/** @param tries Of the present activity, this one included. Default: as Temporal counts them. */
export function attemptOf(input: CallInput, tries = Context.current().info.attempt): Attempt {
  const number = input.attemptsUsed + tries;
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

/** What is recorded of an answered attempt. */
export function attemptEndOf(
  { verdict }: CallResult,
  lease: CredentialLease,
  repeatable: boolean,
): AttemptEnd {
  const { error } = outcomePolicy(verdict.outcome, repeatable);
  return {
    outcome: verdict.outcome,
    code: error === null ? null : ERRORS[error].code,
    reason: verdict.reason,
    vendorCode: verdict.vendorCode,
    leaseRef: lease.leaseRef,
    leaseExpiresAt: lease.expiresAt,
    leaseUser: lease.username,
  };
}

/** The one log line of an attempt. */
export function logAttempt(
  { log }: Pick<ConnectorCallDeps, 'log'>,
  { record, startedAt }: Attempt,
  end: AttemptEnd,
  repeatable: boolean,
): void {
  const { run, ...place } = record;
  const { outcome, code, reason, leaseRef, leaseExpiresAt } = end;
  log.info('connector.attempted', {
    ...place,
    ...{ outcome, code, reason, leaseRef, leaseExpiresAt },
    action: outcomePolicy(outcome, repeatable).action,
    tenant: run.tenant,
    flow: run.flow,
    runId: run.runId,
    deliveryId: run.deliveryId,
    durationMs: Date.now() - startedAt,
  });
}
