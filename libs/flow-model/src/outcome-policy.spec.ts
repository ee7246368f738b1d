import { describe, expect, it } from '@jest/globals';
import { OUTCOME_CLASSES } from '@ecluse/contracts';
import { ERRORS } from '@ecluse/errors';
import { outcomePolicy } from './outcome-policy.js';

describe('outcomePolicy', () => {
  it('parks an ambiguous write that may not be repeated, and repeats one that may', () => {
    expect(outcomePolicy('ambiguous', false)).toMatchObject({
      action: 'park',
      effect: 'unknown',
      error: 'CALL_AMBIGUOUS',
    });
    expect(outcomePolicy('ambiguous', true)).toMatchObject({ action: 'retry', effect: 'unknown' });
  });
  it('decides every other class alike, whether repeatable or not', () => {
    for (const outcome of OUTCOME_CLASSES.filter((each) => each !== 'ambiguous')) {
      expect(outcomePolicy(outcome, false)).toEqual(outcomePolicy(outcome, true));
    }
  });
  it.each(OUTCOME_CLASSES)('%s: an error unless it succeeds, and a final one for a person', (outcome) => {
    const policy = outcomePolicy(outcome, true);
    expect(policy.error === null).toBe(policy.action === 'success');
    expect(policy.exhausted === null || ERRORS[policy.exhausted].retry === 'person').toBe(true);
  });
  it.each(OUTCOME_CLASSES)('%s: waits by itself only where the table says that waiting helps', (outcome) => {
    const policy = outcomePolicy(outcome, false);
    const waits = policy.action === 'retry' || policy.action === 'retryAfter';
    expect(policy.error !== null && ERRORS[policy.error].retry === 'backoff').toBe(waits);
  });
});
