import { describe, expect, it } from '@jest/globals';
import { isSecondWish } from './stop-signals.js';

describe('isSecondWish', () => {
  it.each([0, 5, 999])('takes a signal %d ms after the first for its echo', (ms) => {
    expect(isSecondWish(10_000, 10_000 + ms)).toBe(false);
  });

  it('takes a later one seriously', () => {
    expect(isSecondWish(10_000, 11_000)).toBe(true);
  });
});
