import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatTimestamp, parseTimestamp } from './timestamps.js';

describe('parseTimestamp', () => {
  it.each(['', ' 1', '1 ', '+1', '1.5', '0x10', '12345678901234567', 'NaN', '١'])(
    'refuses %j as seconds',
    (text) => {
      expect(parseTimestamp(text, 's')).toBeUndefined();
    },
  );
  it.each([
    '2026-02-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    'Thu, 01 Jan 2026 00:00:00 GMT',
  ])('refuses %j as RFC 3339', (text) => {
    expect(parseTimestamp(text, 'rfc3339')).toBeUndefined();
  });
  it('reads offsets and fractions', () => {
    expect(parseTimestamp('2026-01-01T02:00:00.123456+02:00', 'rfc3339')).toBe(
      Date.UTC(2026, 0, 1, 0, 0, 0, 123),
    );
  });
  it('reads what formatTimestamp writes', () => {
    const times = fc.date({ min: new Date(0), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(times, (time) => {
        expect(parseTimestamp(formatTimestamp(time, 'rfc3339'), 'rfc3339')).toBe(time.getTime());
        expect(parseTimestamp(formatTimestamp(time, 'ms'), 'ms')).toBe(time.getTime());
      }),
    );
  });
});
