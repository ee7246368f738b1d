import { describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import fc from 'fast-check';
import { backOffMs } from './back-off.js';
import { judgeStart } from './judge-start.js';

describe('judgeStart', () => {
  it('ends a run only for an error that says so', () => {
    const error = new EcluseError('RUN_NOT_STARTABLE', { detail: 'workflow id has 300 bytes' });
    expect(judgeStart(error, 1, 0)).toEqual({ kind: 'refuse', reason: 'workflow id has 300 bytes' });
  });
  it.each(['ENGINE_UNAVAILABLE', 'VAULT_UNAVAILABLE', 'VAULT_DENIED'] as const)(
    'holds everything back for %s',
    (name) => {
      expect(judgeStart(new EcluseError(name), 50, 0.5)).toMatchObject({
        kind: 'release',
        delaySeconds: 1,
        engineAway: true,
      });
    },
  );
  it('tries one run later for an unknown error, without its message', () => {
    const verdict = judgeStart(new Error('password=x'), 3, 0.5);
    expect(verdict).toMatchObject({ kind: 'release', engineAway: false });
    expect(JSON.stringify(verdict)).not.toContain('password');
  });
});

describe('backOffMs', () => {
  it('grows, is bounded and never zero', () => {
    const limits = { firstMs: 500, longestMs: 15_000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const pause = backOffMs(failures, limits, random);
          expect(pause).toBeGreaterThanOrEqual(250);
          expect(pause).toBeLessThanOrEqual(15_000);
          expect(backOffMs(failures + 1, limits, random)).toBeGreaterThanOrEqual(pause);
        },
      ),
    );
  });
});
