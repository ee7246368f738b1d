import { describe, expect, it } from '@jest/globals';
import { decideRestart, MAX_RESTARTS } from './restart-policy.js';

describe('decideRestart', () => {
  it('gives up on a part that keeps dying', () => {
    expect(decideRestart(MAX_RESTARTS, 100)).toEqual({ kind: 'give-up', restarts: MAX_RESTARTS });
  });

  it('waits longer each time', () => {
    const delays = Array.from({ length: MAX_RESTARTS }, (_, restarts) => decideRestart(restarts, 100)).map(
      (decision) => (decision.kind === 'restart' ? decision.delayMs : Number.NaN),
    );
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000]);
  });

  it('forgets earlier deaths of a part that was ready for a while', () => {
    expect(decideRestart(MAX_RESTARTS, 2_000)).toEqual({ kind: 'restart', restarts: 1, delayMs: 500 });
  });
});
