import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEAD_LETTER_STATES, DELIVERY_STATES, EFFECT_STATES, RUN_STATES } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import {
  DEAD_LETTER_TRANSITIONS,
  DELIVERY_TRANSITIONS,
  EFFECT_TRANSITIONS,
  RUN_TRANSITIONS,
  isFinal,
  statesBefore,
  transition,
  type Transitions,
} from './transitions.js';

const machines: { name: string; table: Transitions<string>; states: readonly string[]; initial: string }[] = [
  { name: 'delivery', table: DELIVERY_TRANSITIONS, states: DELIVERY_STATES, initial: 'received' },
  { name: 'run', table: RUN_TRANSITIONS, states: RUN_STATES, initial: 'queued' },
  { name: 'dead letter', table: DEAD_LETTER_TRANSITIONS, states: DEAD_LETTER_STATES, initial: 'open' },
  { name: 'effect', table: EFFECT_TRANSITIONS, states: EFFECT_STATES, initial: 'intended' },
];

describe.each(machines)('transitions of a $name', ({ table, states, initial }) => {
  const anyState = fc.constantFrom(...states);

  it('refuses every move that the table does not name, and staying', () => {
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const legal = (table[from] ?? []).includes(to);
        try {
          expect(transition(table, 'it', from, to)).toBe(to);
          expect(legal).toBe(true);
        } catch (error) {
          if (!isEcluseError(error, 'STATE_CONFLICT')) throw error;
          expect(legal).toBe(false);
        }
        if (from === to) expect(legal).toBe(false);
      }),
    );
  });

  it('agrees with its own inverse', () => {
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        expect(statesBefore(table, to).includes(from)).toBe((table[from] ?? []).includes(to));
      }),
    );
  });

  it('names exactly the states of the contract', () => {
    expect(Object.keys(table).sort()).toEqual([...states].sort());
  });

  it('reaches every state from the initial one', () => {
    const reached = new Set([initial]);
    for (const state of reached) for (const next of table[state] ?? []) reached.add(next);
    expect([...reached].sort()).toEqual([...states].sort());
  });
});

describe('ends', () => {
  it('keeps a confirmed effect, an ended run and a settled dead letter for good', () => {
    expect(isFinal(EFFECT_TRANSITIONS, 'confirmed')).toBe(true);
    expect(isFinal(RUN_TRANSITIONS, 'succeeded')).toBe(true);
    expect(isFinal(RUN_TRANSITIONS, 'dead_letter')).toBe(true);
    expect(isFinal(DEAD_LETTER_TRANSITIONS, 'retried')).toBe(true);
    expect(isFinal(DEAD_LETTER_TRANSITIONS, 'discarded')).toBe(true);
  });

  it('brings a delivery back to running from every end, and to discarded only through a dead letter or a run', () => {
    for (const end of ['succeeded', 'dead_letter', 'discarded'] as const) {
      expect(DELIVERY_TRANSITIONS[end]).toContain('running');
    }
    expect(statesBefore(DELIVERY_TRANSITIONS, 'discarded')).toEqual(['running', 'dead_letter']);
  });

  it('says in the refusal what is possible', () => {
    expect(() => transition(DEAD_LETTER_TRANSITIONS, 'dead letter', 'retried', 'discarded')).toThrow(
      /it is final/,
    );
    expect(() => transition(DELIVERY_TRANSITIONS, 'delivery', 'received', 'succeeded')).toThrow(
      /possible: waiting/,
    );
  });
});
