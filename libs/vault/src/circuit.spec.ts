import { beforeEach, describe, expect, it } from '@jest/globals';
import { Circuit } from './circuit.js';

describe('Circuit', () => {
  let now = 0;
  let circuit = new Circuit(() => now);
  beforeEach(() => {
    now = 0;
    circuit = new Circuit(() => now, 3, 1000);
  });
  const fail = (effect: 'open' | 'count' | undefined): void => {
    expect(circuit.admit()).toBe(true);
    circuit.failed(effect);
  };

  it('refuses after the third counted failure in a row', () => {
    fail('count');
    fail('count');
    expect(circuit.admit()).toBe(true);
    circuit.failed('count');
    expect(circuit.admit()).toBe(false);
  });

  it('refuses at once when Vault is sealed', () => {
    fail('open');
    expect(circuit.admit()).toBe(false);
  });

  it('counts failures in a row only, and an answer of any kind ends the row', () => {
    fail('count');
    fail('count');
    fail(undefined);
    fail('count');
    fail('count');
    expect(circuit.admit()).toBe(true);
  });

  it('lets one call through after a second, and closes when it succeeds', () => {
    fail('open');
    now = 1000;
    expect(circuit.admit()).toBe(true);
    expect(circuit.admit()).toBe(false);
    circuit.succeeded();
    expect(circuit.admit()).toBe(true);
    expect(circuit.admit()).toBe(true);
  });

  it('opens again when that call fails', () => {
    fail('open');
    now = 1000;
    fail('count');
    expect(circuit.admit()).toBe(false);
  });

  it('is not blocked for ever by a call that was cancelled', () => {
    fail('open');
    now = 1000;
    expect(circuit.admit()).toBe(true);
    circuit.abandoned();
    expect(circuit.admit()).toBe(true);
  });
});
