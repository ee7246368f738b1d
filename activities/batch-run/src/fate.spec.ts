import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OUTCOME_CLASSES } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { outcomePolicy } from '@ecluse/flow-model';
import { fateOf, type Tried } from './fate.js';

const tried = (changes: Partial<Tried> = {}): Tried => ({
  stepId: 'order',
  attemptsUsed: 1,
  policy: { attempts: 10, firstMs: 1_000 },
  ...changes,
});

describe('fateOf', () => {
  it.each(['VAULT_UNAVAILABLE', 'STORE_UNAVAILABLE', 'CONNECTION_HELD'] as const)(
    'throws %s on: the whole batch waits',
    (name) => {
      const away = new EcluseError(name);
      expect(() => fateOf(away, tried())).toThrow(away);
    },
  );

  it('lets go what waits for the sandbox, until the sandbox wants to see it again', () => {
    const busy = (retryAfterSeconds?: number) =>
      fateOf(
        new EcluseError('MAPPING_BUSY', retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        tried(),
      );
    expect(busy()).toEqual({ kind: 'leaves', pauseMs: 1_000, reason: 'Mapping sandbox is busy.' });
    expect(busy(2.5)).toMatchObject({ kind: 'leaves', pauseMs: 2_500 });
  });

  it('makes a dead letter of what is final, with the words of a single run', () => {
    const error = new EcluseError('MAPPING_FAILED', { detail: 'no number' });
    expect(fateOf(error, tried({ attemptsUsed: 0 }))).toEqual({
      kind: 'failed',
      failure: { stepId: 'order', code: 'ECL-4001', outcome: null, reason: 'Mapping failed: no number.' },
    });
  });

  it('lets go what nobody foresaw, without its message', () => {
    const fate = fateOf(new Error('jane@canary.example'), tried({ attemptsUsed: 0 }));
    expect(fate).toMatchObject({ kind: 'leaves', pauseMs: 1_000 });
    expect(JSON.stringify(fate)).not.toContain('canary');
  });

  it('waits as long as the remote asks, and gives up when the attempts are used up', () => {
    const error = new EcluseError('CALL_THROTTLED');
    const context = {
      outcome: 'throttled',
      retryable: true,
      reason: 'Slow down.',
      retryAfterMs: 7_000,
    } as const;
    expect(fateOf(error, tried({ context }))).toEqual({
      kind: 'leaves',
      pauseMs: 7_000,
      reason: 'Slow down.',
    });
    expect(fateOf(error, tried({ context, policy: { attempts: 1, firstMs: 1_000 } }))).toEqual({
      kind: 'failed',
      failure: {
        stepId: 'order',
        code: 'ECL-4009',
        outcome: 'throttled',
        reason: 'Given up after 1 attempts. The last: Slow down.',
      },
    });
  });

  it('decides every outcome as the table of outcomes does', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OUTCOME_CLASSES), fc.boolean(), (outcome, repeatable) => {
        const { action, error } = outcomePolicy(outcome, repeatable);
        if (error === null) return;
        const retryable = action === 'retry' || action === 'retryAfter';
        const context = { outcome, retryable, reason: 'Because.' };
        const fate = fateOf(new EcluseError(error), tried({ context }));
        expect(fate.kind).toBe(retryable ? 'leaves' : 'failed');
      }),
    );
  });
});
