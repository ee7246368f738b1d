import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, MAX_DURATION_MS, parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    '',
    '5',
    'm',
    '0s',
    '05s',
    '-1s',
    '+1s',
    '1.5h',
    '1 s',
    ' 1s',
    '1s ',
    '1s\n',
    '1S',
    '1h30m',
    '1e3s',
    '1w',
    '٣s',
    '9999999999s',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toMatchObject({ ok: false });
  });
  it('refuses more than a year', () => {
    expect(parseDuration('366d')).toMatchObject({ ok: false, expected: 'at most 365d' });
  });
  it.each([
    ['1ms', 1],
    ['1s', 1_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['365d', MAX_DURATION_MS],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, ms });
  });
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toEqual({ ok: true, ms });
      }),
    );
  });
});
