import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  admit,
  afterCall,
  afterProbe,
  CIRCUIT_DEFAULTS,
  CLOSED,
  signalOf,
  type Circuit,
  type Signal,
} from './circuit.js';

const FAILS: Signal = { kind: 'fails', reason: 'down' };
const WORKS: Signal = { kind: 'works' };
const SILENT: Signal = { kind: 'silent' };
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const signals = fc.oneof(
  fc.constantFrom(FAILS, WORKS, SILENT),
  fc.integer({ min: 0, max: 200_000 }).map((retryAfterMs): Signal => ({ ...FAILS, retryAfterMs })),
);
const events = fc.array(fc.record({ signal: signals, afterMs: fc.nat(40_000), random: unit }), {
  maxLength: 200,
});

function isOpen(circuit: Circuit): circuit is Extract<Circuit, { state: 'open' }> {
  return circuit.state === 'open';
}
function failing(times: number, everyMs: number): Circuit {
  let circuit: Circuit = CLOSED;
  for (let n = 0; n < times; n += 1) circuit = afterCall(circuit, FAILS, n * everyMs, 0);
  return circuit;
}

describe('a circuit', () => {
  it('stays closed below both thresholds and opens at each', () => {
    expect(failing(CIRCUIT_DEFAULTS.threshold - 1, 1).state).toBe('closed');
    expect(failing(CIRCUIT_DEFAULTS.threshold, 1).state).toBe('open');
    expect(failing(CIRCUIT_DEFAULTS.lastingThreshold - 1, 60_000).state).toBe('closed');
    expect(failing(CIRCUIT_DEFAULTS.lastingThreshold, 2_500).state).toBe('open');
    expect(CIRCUIT_DEFAULTS.threshold).toBeLessThanOrEqual(20);
  });

  it('forgets failures at the first success', () => {
    const almost = failing(CIRCUIT_DEFAULTS.threshold - 1, 1);
    expect(afterCall(almost, WORKS, 100, 0)).toBe(CLOSED);
    expect(afterCall(almost, SILENT, 100, 0)).toBe(almost);
  });

  it.each([
    ['throttled', 'fails'],
    ['transient', 'fails'],
    ['ambiguous', 'fails'],
    ['auth_stale', 'silent'],
    ['auth_revoked', 'silent'],
    ['invalid', 'works'],
    ['missing_dependency', 'works'],
    ['stale_version', 'works'],
    ['ok', 'works'],
  ] as const)('takes %s as a sign that the remote %s', (outcome, kind) => {
    expect(signalOf({ outcome, reason: null }).kind).toBe(kind);
  });

  it('never lets a call pass while it is open, and lets a probe through from then on', () => {
    fc.assert(
      fc.property(events, (steps) => {
        let circuit: Circuit = CLOSED;
        let now = 0;
        for (const { signal, afterMs, random } of steps) {
          now += afterMs;
          const admission = admit(circuit, now);
          if (isOpen(circuit))
            expect(admission).toEqual(
              circuit.until > now ? { kind: 'held', forMs: circuit.until - now } : { kind: 'probe' },
            );
          else expect(['pass', 'trial']).toContain(admission.kind);
          circuit =
            isOpen(circuit) && admission.kind === 'probe'
              ? afterProbe(circuit, signal, now, random)
              : afterCall(circuit, signal, now, random);
        }
      }),
    );
  });

  it('opens within the threshold whatever came before, and at once for Retry-After, for at least that long', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 3_600_000 }), unit, (steps, retryAfterMs, random) => {
        let circuit: Circuit = CLOSED;
        let now = 0;
        for (const { signal, afterMs } of steps)
          circuit = afterCall(circuit, signal, (now += afterMs), random);
        const asked = afterCall(circuit, { ...FAILS, retryAfterMs }, now, random);
        expect(isOpen(asked) && asked.until >= now + retryAfterMs).toBe(true);
        for (let n = 0; n < CIRCUIT_DEFAULTS.threshold; n += 1)
          circuit = afterCall(circuit, FAILS, now, random);
        expect(circuit.state).toBe('open');
      }),
    );
  });

  it('stays open for longer each time, up to a bound, and starts anew after a success', () => {
    let circuit = failing(CIRCUIT_DEFAULTS.threshold, 0);
    const openFor: number[] = [];
    for (let n = 0; n < 12 && isOpen(circuit); n += 1) {
      openFor.push(circuit.until);
      circuit = afterProbe(circuit, FAILS, 0, 0);
    }
    expect(openFor).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, ...Array<number>(7).fill(30_000)]);
    fc.assert(
      fc.property(unit, fc.nat(40), (random, openings) => {
        const open: Circuit = { state: 'open', until: 0, reason: null, failures: 10, openings };
        const next = afterProbe(open, FAILS, 0, random);
        expect(isOpen(next) && next.until <= CIRCUIT_DEFAULTS.longestOpenMs * 1.25).toBe(true);
      }),
    );
  });

  it('is on trial after a good probe: one failing call opens it again, one good call ends the trial', () => {
    const open = failing(CIRCUIT_DEFAULTS.threshold, 1);
    const trial = isOpen(open) ? afterProbe(open, WORKS, 5_000, 0) : open;
    expect(admit(trial, 5_000)).toEqual({ kind: 'trial' });
    expect(afterCall(trial, FAILS, 5_000, 0)).toMatchObject({ state: 'open', openings: 2, until: 7_000 });
    expect(afterCall(trial, WORKS, 5_000, 0)).toBe(CLOSED);
  });

  it('does not change by calls while it is paused', () => {
    const paused: Circuit = { state: 'paused', reason: 'migration' };
    fc.assert(
      fc.property(signals, unit, (signal, random) => {
        expect(afterCall(paused, signal, 0, random)).toBe(paused);
        expect(admit(paused, 1e12)).toEqual({ kind: 'held', forMs: null });
      }),
    );
  });

  it('is held longer, never shorter, by a late answer that asks for more time', () => {
    const open: Circuit = { state: 'open', until: 10_000, reason: null, failures: 10, openings: 1 };
    expect(afterCall(open, { ...FAILS, retryAfterMs: 5_000 }, 0, 0)).toBe(open);
    expect(afterCall(open, { ...FAILS, retryAfterMs: 60_000 }, 0, 0)).toMatchObject({ until: 60_000 });
    expect(afterCall(open, WORKS, 0, 0)).toBe(open);
  });
});
