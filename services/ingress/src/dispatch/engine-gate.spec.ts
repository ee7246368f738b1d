import { describe, expect, it } from '@jest/globals';
import { EngineGate } from './engine-gate.js';

function gate(top = 32) {
  const clock = { now: 0 };
  return {
    clock,
    gate: new EngineGate(
      top,
      () => 0,
      () => clock.now,
    ),
  };
}

describe('EngineGate', () => {
  it('lets as many through as it may while all is well', () => {
    expect(gate().gate.limit).toBe(32);
  });

  it('shuts after a failure, then lets one at a time probe', () => {
    const { gate: tested, clock } = gate();
    tested.failed(0);
    expect([tested.limit, tested.closedMs, tested.failures]).toEqual([0, 250, 1]);
    clock.now = 250;
    expect([tested.limit, tested.closedMs]).toEqual([1, 0]);
  });

  it('counts the failures of starts that were under way together once', () => {
    const { gate: tested, clock } = gate();
    clock.now = 10;
    for (let start = 0; start < 20; start += 1) tested.failed(0);
    expect(tested.failures).toBe(1);
    clock.now = 300;
    tested.failed(270);
    expect(tested.failures).toBe(2);
  });

  it('does not take an early success for the end of an outage', () => {
    const { gate: tested, clock } = gate();
    clock.now = 10;
    tested.failed(0);
    tested.succeeded(5);
    expect(tested.failures).toBe(1);
  });

  it('halves, and grows again step by step to its top', () => {
    const { gate: tested, clock } = gate();
    tested.failed(0);
    clock.now = 1_000;
    tested.succeeded(900);
    expect(tested.limit).toBe(16);
    for (let start = 0; start < 400; start += 1) tested.succeeded(900);
    expect(tested.limit).toBe(32);
  });

  it('lets fewer through while the engine is slow, without a pause', () => {
    const { gate: tested, clock } = gate();
    clock.now = 600;
    for (let start = 0; start < 32; start += 1) tested.succeeded(0);
    expect([tested.limit, tested.closedMs]).toEqual([24, 0]);
    clock.now = 1_300;
    tested.succeeded(700);
    expect(tested.limit).toBe(18);
    for (let start = 0; start < 400; start += 1) tested.succeeded(1_299);
    expect(tested.limit).toBe(32);
  });

  it('never closes for good', () => {
    const { gate: tested, clock } = gate();
    for (let outage = 0; outage < 100; outage += 1) {
      tested.failed(clock.now);
      expect(tested.closedMs).toBeLessThanOrEqual(5_000);
      clock.now += tested.closedMs;
      expect(tested.limit).toBe(1);
    }
  });
});
