import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

const read = (...args: string[]) => readArguments(args, () => 5);

describe('arguments', () => {
  it('run everything in full with a fresh seed by default', () => {
    expect(read()).toEqual({ quick: false, only: [], seed: 5, repeat: undefined, sabotage: false });
  });
  it('are read in both spellings', () => {
    expect(read('--quick', '--only', 'f2, F15', '--seed=9', '--repeat', '3')).toMatchObject({
      ...{ quick: true, only: ['F2', 'F15'], seed: 9, repeat: 3 },
    });
  });
  it.each([['--quik'], ['--seed', 'x'], ['--only']])('are refused: %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
