import { describe, expect, it } from '@jest/globals';
import { Pressure } from './pressure.js';

function pressureAt(): { pressure: Pressure; clock: { now: number }; waiting: { ms: number } } {
  const clock = { now: 1_000 };
  const waiting = { ms: 0 };
  const pressure = new Pressure(
    { maxLoopDelayMs: 400, maxWaitingMs: 500 },
    { oldestWaitingMs: () => waiting.ms, now: () => clock.now },
  );
  return { pressure, clock, waiting };
}

describe('Pressure', () => {
  it('is none while the loop ticks in time and nothing waits long', () => {
    const { pressure, clock, waiting } = pressureAt();
    for (let turn = 0; turn < 5; turn += 1) {
      clock.now += 20;
      pressure.tick();
    }
    waiting.ms = 500;
    expect(pressure.overload()).toBeUndefined();
  });

  it('is there while inserts wait too long, and gone when they do not', () => {
    const { pressure, waiting } = pressureAt();
    waiting.ms = 501;
    expect(pressure.overload()).toBe('inserts wait too long');
    waiting.ms = 0;
    expect(pressure.overload()).toBeUndefined();
  });

  it('is there after a late tick, and gone after one in time', () => {
    const { pressure, clock } = pressureAt();
    clock.now += 450;
    pressure.tick();
    expect(pressure.overload()).toBe('the event loop is late');
    clock.now += 25;
    pressure.tick();
    expect(pressure.overload()).toBeUndefined();
  });
});
