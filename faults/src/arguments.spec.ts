import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

const read = (...args: string[]) => readArguments(args, () => 5);

describe('arguments', () => {
  it('run everything in full with a fresh seed by default', () => {
    expect(read()).toEqual({ form: 'full', only: [], seed: 5, repeat: undefined, sabotage: false });
  });
  it('are read in both spellings', () => {
    expect(read('--quick', '--only', 'f2, F15', '--seed=9', '--repeat', '3')).toMatchObject({
      ...{ form: 'quick', only: ['F2', 'F15'], seed: 9, repeat: 3 },
    });
  });
  it('name the long form', () => {
    expect(read('--thorough')).toMatchObject({ form: 'thorough' });
  });
  it.each([['--quik'], ['--seed', 'x'], ['--only']])('are refused: %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
