import { describe, expect, it } from '@jest/globals';
import { countFor } from './pacing.js';

describe('size of a run', () => {
  it('follows the slower side', () => {
    expect(countFor(10, [20, 50], 1_000)).toBe(200);
  });
  it('is bounded on very slow and very fast machines', () => {
    expect(countFor(10, [0.1, 50], 1_000)).toBe(40);
    expect(countFor(10, [5_000, 9_000], 1_000)).toBe(1_000);
  });
});
