import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReturnSlots } from './return-slots.js';

describe('ReturnSlots', () => {
  it('names one time after another, apart by what an evaluation takes', () => {
    const slots = new ReturnSlots(() => 0);
    for (let time = 0; time < 50; time += 1) slots.served(200);
    const times = Array.from({ length: 5 }, () => slots.next());
    expect(times.map((time) => Math.round(time * 10) / 10)).toEqual([1, 1.2, 1.4, 1.6, 1.8]);
  });

  it('names nothing sooner than a second and nothing later than half a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }), (durations) => {
        const slots = new ReturnSlots(() => 0);
        for (const ms of durations) {
          slots.served(ms);
          const next = slots.next();
          expect(next).toBeGreaterThanOrEqual(1);
          expect(next).toBeLessThanOrEqual(30);
        }
      }),
    );
  });
});
