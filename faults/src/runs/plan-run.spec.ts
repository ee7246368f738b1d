import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../seeded-random.js';
import { planRun } from './plan-run.js';

const plan = (seed: number) =>
  planRun({
    random: seededRandom(seed),
    ...{ prefix: 'p', canary: 'c', seconds: 60, perSecond: 25, mix: { pair: 0.5, ordered: 0.5 } },
  });

describe('the plan of run S', () => {
  it('is the same for the same seed and another for another', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('has the shape that the reference asks for', () => {
    const sends = plan(7);
    const messages = new Map(sends.map(({ message }) => [message.id, message]));
    const large = [...messages.values()].filter(({ body }) => body.length > 100_000);
    expect(messages.size).toBe(1_500);
    expect((sends.length - 1_500) / 1_500).toBeCloseTo(0.1, 1);
    expect(large.length / 1_500).toBeCloseTo(0.05, 1);
    expect(new Set([...messages.values()].map(({ key }) => key)).size).toBeGreaterThan(190);
    expect(sends.every(({ atMs }) => atMs <= 60_000)).toBe(true);
  });
});
