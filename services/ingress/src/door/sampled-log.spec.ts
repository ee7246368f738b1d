import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '@ecluse/observability';
import { SampledLog } from './sampled-log.js';

type Line = Record<string, unknown>;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function sampled(): { log: SampledLog; lines: Line[]; advance: (ms: number) => void } {
  const lines: Line[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Line);
  };
  let now = 0;
  const log = new SampledLog(createLogger('ingress', 'info', { write }), () => now);
  const advance = (ms: number): void => {
    now += ms;
    jest.advanceTimersByTime(ms);
  };
  return { log, lines, advance };
}

describe('SampledLog', () => {
  it('writes three lines of a kind per second, and then how many there were', () => {
    const { log, lines, advance } = sampled();
    for (let turn = 0; turn < 1_000; turn += 1)
      log.write('warn', 'delivery refused', 'ECL-1002 stale', () => ({ attempt: turn }));
    expect(lines.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
    advance(1_000);
    expect(lines.slice(3)).toMatchObject([{ reason: 'ECL-1002 stale', count: 997 }]);
    log.write('warn', 'delivery refused', 'ECL-1002 stale', () => ({ attempt: 1_000 }));
    expect(lines).toHaveLength(5);
  });

  it('does not let one kind silence another', () => {
    const { log, lines } = sampled();
    for (let turn = 0; turn < 10; turn += 1) log.write('warn', 'm', 'one', () => ({}));
    log.write('error', 'm', 'other', () => ({ reason: 'seen' }));
    expect(lines.at(-1)).toMatchObject({ level: 50, reason: 'seen' });
  });
});
