import { describe, expect, it } from '@jest/globals';
import { countingPairs, type Pair, type RunFigures } from './figures.js';

function figures(foreignShare: number): RunFigures {
  return { count: 1, seconds: 1, perSecond: 1, lost: 0, doubled: 0, cpuMs: {}, foreignShare };
}
function pair(foreign: number, repeated = false): Pair {
  return { a: figures(0), b: figures(foreign), disturbed: foreign > 0.05, repeated };
}
const counting = (...pairs: Pair[]) => countingPairs({ a: 'a', b: 'b', pairs });

describe('pairs that count', () => {
  it('takes every pair once', () => {
    const quiet = [pair(0.01), pair(0.02)];
    expect(counting(...quiet)).toEqual(quiet);
  });

  it('takes the repetition of a disturbed pair when it was quieter', () => {
    const [disturbed, again, next] = [pair(0.4), pair(0.01, true), pair(0)];
    expect(counting(disturbed, again, next)).toEqual([again, next]);
  });

  it('keeps the first when the repetition was disturbed even more', () => {
    const [disturbed, again] = [pair(0.4), pair(0.6, true)];
    expect(counting(disturbed, again)).toEqual([disturbed]);
  });
});
