import { describe, expect, it } from '@jest/globals';
import { InFlightBytes } from './in-flight-bytes.js';

describe('InFlightBytes', () => {
  it('refuses beyond the limit and takes up again what was given back, once', () => {
    const inFlight = new InFlightBytes(100);
    const first = inFlight.reserve(60);
    expect(inFlight.reserve(41)).toBeUndefined();
    expect(inFlight.reserve(40)).toBeDefined();
    first?.();
    first?.();
    expect(inFlight.reserved).toBe(40);
    expect(inFlight.reserve(60)).toBeDefined();
  });
});
