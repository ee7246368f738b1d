import { describe, expect, it } from '@jest/globals';
import { etagOf, readIfMatch } from './precondition.js';

describe('readIfMatch', () => {
  it.each(['', '3', 'W/"3"', '*', '"x"', '"1", "2"', '"-1"', '"1.0"', '"12345678901"'])(
    'refuses %p',
    (header) => {
      expect(() => readIfMatch(header)).toThrow('ECL-6004');
    },
  );

  it('reads what etagOf wrote, and nothing where nothing is', () => {
    expect(readIfMatch(etagOf(3))).toBe(3);
    expect(readIfMatch(undefined)).toBeUndefined();
  });
});
