import { describe, expect, it } from '@jest/globals';
import { formatElapsed } from './elapsed.js';

describe('formatElapsed', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min 00 s'],
    [245_000, '4 min 05 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });
});
