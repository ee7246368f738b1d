import { describe, expect, it } from '@jest/globals';
import { WakeSignal } from './wake-signal.js';

const LONG_MS = 60_000;

describe('WakeSignal', () => {
  it('ends the present wait', async () => {
    const wake = new WakeSignal();
    const waiting = wake.wait(LONG_MS);
    wake.raise();
    await waiting;
  });
  it('remembers a notification that came between two waits, once', async () => {
    const wake = new WakeSignal();
    wake.raise();
    wake.raise();
    await wake.wait(LONG_MS);
    const started = performance.now();
    await wake.wait(20);
    expect(performance.now() - started).toBeGreaterThan(15);
  });
});
