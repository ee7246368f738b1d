import { describe, expect, it } from '@jest/globals';
import { EcluseError, ERRORS, type ErrorName } from '@ecluse/errors';
import { isPlatformAway, toApplicationFailure } from './index.js';

describe('toApplicationFailure', () => {
  it('tells nothing of an error that is not ours', () => {
    const failure = toApplicationFailure(new Error('password=hunter2'));
    expect(failure.type).toBe('ECL-6011');
    expect(JSON.stringify([failure.message, failure.details, failure.stack])).not.toContain('hunter2');
  });

  it.each([
    'VAULT_UNAVAILABLE',
    'STORE_UNAVAILABLE',
    'DISK_FULL',
    'MAPPING_BUSY',
    'CONNECTION_HELD',
  ] as const)('%s is waited for: by Temporal, or by the workflow without spending an attempt', (name) => {
    const error = new EcluseError(name);
    expect(isPlatformAway(error)).toBe(true);
    expect(toApplicationFailure(error)).toMatchObject({
      type: ERRORS[name].code,
      nonRetryable: false,
      category: 'BENIGN',
    });
    const failure = toApplicationFailure(error, { platformWait: 'workflow', attemptsUsed: 3 });
    expect(failure).toMatchObject({
      nonRetryable: true,
      details: [{ platformAway: true, attemptsUsed: 3 }],
    });
  });

  it('follows the error table for every other error', () => {
    for (const name of Object.keys(ERRORS) as ErrorName[]) {
      const error = new EcluseError(name);
      if (isPlatformAway(error)) continue;
      expect(toApplicationFailure(error).nonRetryable).toBe(ERRORS[name].retry !== 'backoff');
      expect(toApplicationFailure(error).details).toEqual([
        { outcome: null, reason: `${ERRORS[name].title}.`, attemptsUsed: 0 },
      ]);
    }
  });

  it('takes the word of a policy, and the pause that the remote asks for', () => {
    const error = new EcluseError('CALL_AMBIGUOUS');
    expect(toApplicationFailure(error, { retryable: true, outcome: 'ambiguous' }).nonRetryable).toBe(false);
    expect(toApplicationFailure(error, { retryable: false }).nonRetryable).toBe(true);
    expect(
      toApplicationFailure(error, { outcome: 'throttled', retryable: true, retryAfterMs: 3_000 }),
    ).toMatchObject({
      nextRetryDelay: 3_000,
      category: 'BENIGN',
      details: [{ retryAfterMs: 3_000 }],
    });
    expect(
      toApplicationFailure(new EcluseError('CALL_TRANSIENT', { retryAfterSeconds: 2 })).nextRetryDelay,
    ).toBe(2_000);
  });
});
