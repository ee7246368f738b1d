import type { FailureContext } from '@ecluse/activity-failure';
import type { Verdict } from '@ecluse/connector-sdk';
import { EcluseError, type ErrorName } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';

/** A call that did not succeed: the connector's verdict and what the outcome's policy makes of it. Stays inside this package. */
export class CallRefused extends EcluseError {
  constructor(
    readonly verdict: Verdict,
    name: ErrorName,
    readonly retryable = false,
  ) {
    super(name, verdict.reason === null ? {} : { detail: verdict.reason });
  }

  static by(verdict: Verdict, repeatable: boolean): CallRefused {
    const { action, error } = outcomePolicy(verdict.outcome, repeatable);
    return new CallRefused(verdict, error ?? 'INTERNAL', action === 'retry' || action === 'retryAfter');
  }

  failureContext(): FailureContext {
    const { outcome, reason, retryAfterMs } = this.verdict;
    return {
      outcome,
      retryable: this.retryable,
      ...(reason === null ? {} : { reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
}
