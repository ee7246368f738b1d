import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExpressionRecords, SUSPECT_MS, TIMEOUTS_BEFORE_SHORT, type Ending } from './expression-records.js';

const FULL = { cpuMs: 500, wallMs: 2_000 };

function after(endings: { ending: Ending; ms: number }[]): ExpressionRecords {
  const records = new ExpressionRecords(() => 0);
  for (const { ending, ms } of endings) records.note('x', ending, ms);
  return records;
}
const timeouts = (count: number) =>
  Array.from({ length: count }, () => ({ ending: 'timeout' as const, ms: 500 }));

describe('ExpressionRecords', () => {
  it('gives full time until an expression ran out of it several times, then a fifth', () => {
    expect(after(timeouts(TIMEOUTS_BEFORE_SHORT - 1)).timesOf('x', FULL)).toEqual(FULL);
    expect(after(timeouts(TIMEOUTS_BEFORE_SHORT)).timesOf('x', FULL)).toEqual({ cpuMs: 100, wallMs: 400 });
    expect(after(timeouts(TIMEOUTS_BEFORE_SHORT)).timesOf('y', FULL)).toEqual(FULL);
  });

  it('suspects nothing that only completed, and forgets limits after a while', () => {
    expect(after([{ ending: 'completed', ms: 1 }]).isSuspect('x')).toBe(false);
    let now = 0;
    const records = new ExpressionRecords(() => now);
    for (let time = 0; time < 5; time += 1) records.note('x', 'timeout', 500);
    expect(records.isSuspect('x')).toBe(true);
    now = SUSPECT_MS + 1;
    expect(records.isSuspect('x')).toBe(false);
    expect(records.timesOf('x', FULL)).toEqual(FULL);
  });

  it('never gives more than the limits, nor less than completed evaluations needed', () => {
    const ending = fc.record({
      ending: fc.constantFrom<Ending>('completed', 'limit', 'timeout'),
      ms: fc.integer({ min: 0, max: 3_000 }),
    });
    fc.assert(
      fc.property(fc.array(ending, { maxLength: 16 }), (endings) => {
        const { cpuMs, wallMs } = after(endings).timesOf('x', FULL);
        const completed = endings.filter((each) => each.ending === 'completed').map(({ ms }) => ms);
        const needed = Math.max(0, ...completed);
        expect(cpuMs).toBeLessThanOrEqual(FULL.cpuMs);
        expect(wallMs).toBeLessThanOrEqual(FULL.wallMs);
        expect(cpuMs).toBeGreaterThanOrEqual(Math.min(FULL.cpuMs, needed));
        expect(wallMs).toBeGreaterThanOrEqual(Math.min(FULL.wallMs, needed));
      }),
    );
  });
});
