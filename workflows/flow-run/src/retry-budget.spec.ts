import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.js';

const policies = fc.record({
  attempts: fc.integer({ min: 1, max: 100 }),
  factor: fc.integer({ min: 1, max: 10 }),
});

describe('RetryBudget', () => {
  it('stops after the last attempt, or when the pause would pass the time limit', () => {
    const last = new RetryBudget({ attempts: 2 }, 1);
    last.spend(2, 10);
    expect(last.pauseAfterFailure(undefined)).toBeUndefined();
    const late = new RetryBudget({ within: '10s' }, 0);
    late.spend(1, 0);
    expect(late.pauseAfterFailure(10_001)).toBeUndefined();
  });

  it('never plans more attempts than are left, and always one', () => {
    fc.assert(
      fc.property(policies, fc.nat(200), (policy, used) => {
        const { retry } = new RetryBudget(policy, used).activityOptions();
        expect(retry?.maximumAttempts).toBe(Math.max(policy.attempts - used, 1));
      }),
    );
  });

  it('goes on with the pauses where the first try left off', () => {
    const budget = new RetryBudget({ first: '1s', factor: 2 }, 0);
    expect(budget.activityOptions().retry?.initialInterval).toBe(1_000);
    budget.spend(1, 5);
    expect(budget.pauseAfterFailure(undefined)).toBe(1_000);
    expect(budget.activityOptions().retry?.initialInterval).toBe(2_000);
    expect(budget.activityOptions().retry?.maximumAttempts).toBe(9);
  });

  it('takes the pause that the remote asks for, and counts it as time spent', () => {
    const budget = new RetryBudget({ within: '60s' }, 0);
    budget.spend(1, 0);
    expect(budget.pauseAfterFailure(20_000)).toBe(20_000);
    expect(budget.activityOptions().scheduleToCloseTimeout).toBe(40_000);
  });
});
