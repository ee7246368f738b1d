import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { mapBounded } from './bounded.js';

describe('mapBounded', () => {
  it('keeps the order and never has more under way than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (items, limit) => {
          let underWay = 0;
          let most = 0;
          const results = await mapBounded(items, limit, async (turns) => {
            most = Math.max(most, (underWay += 1));
            for (let left = turns; left > 0; left -= 1) await turn();
            underWay -= 1;
            return turns * 2;
          });
          expect(results).toEqual(items.map((item) => item * 2));
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('begins nothing after a failure, and rejects only when all that began has ended', async () => {
    const ended: number[] = [];
    const mapped = mapBounded([0, 1, 2, 3, 4], 2, async (item) => {
      if (item === 0) throw new Error('first');
      await turn();
      ended.push(item);
    });
    await expect(mapped).rejects.toThrow('first');
    expect(ended).toEqual([1]);
  });
});
