import { describe, expect, it } from '@jest/globals';
import type { Pair, Pairs, RunFigures } from '../figures.js';
import { renderReport, renderTargets } from './render.js';
import { damage, type RunRecord } from './run-record.js';
import { judge } from './verdicts.js';

function figures(perSecond: number, change: Partial<RunFigures> = {}): RunFigures {
  const cpuMs = { temporal: 1_000, worker: 500, postgres: 500, generator: 9_999, sink: 9_999 };
  return { count: 100, seconds: 10, perSecond, lost: 0, doubled: 0, cpuMs, foreignShare: 0, ...change };
}
function pairs(...rates: [number, number][]): Pairs {
  const made = rates.map(([a, b]): Pair => ({
    a: figures(a),
    b: figures(b),
    disturbed: false,
    repeated: false,
  }));
  return { a: 'Ecluse', b: 'bare', pairs: made };
}
function record(measurements: RunRecord['measurements'], doubledSinceStart = 0): RunRecord {
  return {
    schema: 1,
    mode: 'quick',
    measuredAt: '2026-11-24T11:00:00.000Z',
    commit: 'abc',
    minutes: 3,
    machine: { cores: 2, processor: 'p', memoryGiB: 24, node: '24.0.0' },
    fsync: { p50: 0.14, p99: 0.3 },
    coldStartMs: 12_000,
    doubledSinceStart,
    measurements,
  };
}
const verdict = (measurements: RunRecord['measurements'], id: string) =>
  judge(measurements).filter((each) => each.id === id);

describe('verdicts', () => {
  it('says of nothing that it was met when nothing was measured', () => {
    expect(judge({}).every(({ met }) => met === undefined)).toBe(true);
  });

  it('compares the median of the ratios within pairs, not the ratio of medians', () => {
    const ownRunOne = pairs([10, 20], [30, 20], [22, 20]);
    expect(verdict({ ownRunOne }, 'T1')).toEqual([
      expect.objectContaining({ result: '1.10 (0.50–1.50)', met: true }),
    ]);
    expect(verdict({ ownRunOne: pairs([19, 20]) }, 'T1')[0]?.met).toBe(false);
  });

  it('asks of batches both the rate and the distance to own runs', () => {
    const batches = [figures(320)];
    expect(verdict({ batches, ownRunOne: pairs([30, 30]) }, 'T3')[0]?.met).toBe(true);
    expect(verdict({ batches, ownRunOne: pairs([50, 30]) }, 'T3')[0]?.met).toBe(false);
    expect(verdict({ batches }, 'T3')[0]).not.toHaveProperty('met');
  });

  it('leaves generator and sink out of the CPU of a delivery', () => {
    expect(verdict({ batches: [figures(320)] }, 'T4')[1]?.result).toBe('20.0 (20.0–20.0) ms');
  });

  it('decides about memory only when the runs were evicted from the cache', () => {
    const worker = { before: 100, runs: 100, pssBefore: 0, pssAfter: 1_024_000, evicted: false };
    const inbox = { rows: 10, totalBytes: 20_480, bodyBytes: 5_000 };
    const [inCache, inInbox] = verdict({ memory: { worker, inbox } }, 'T10');
    expect(inCache).not.toHaveProperty('met');
    expect(inInbox?.met).toBe(true);
    expect(verdict({ memory: { worker: { ...worker, evicted: true }, inbox } }, 'T10')[0]?.met).toBe(true);
  });
});

describe('damage', () => {
  it('adds up what was lost anywhere, also in pairs that do not count', () => {
    const repeated: Pair = { a: figures(1, { lost: 2 }), b: figures(1), disturbed: false, repeated: true };
    const ownRunOne = { ...pairs([1, 1]), pairs: [...pairs([1, 1]).pairs, repeated] };
    const openLoop = {
      rate: 1,
      seconds: 1,
      sent: 10,
      accepted: 9,
      latency: { p50: 1, p99: 1, max: 1 },
      foreignShare: 0,
    };
    expect(damage(record({ ownRunOne, openLoop }))).toEqual({ lost: 3, doubled: 0 });
  });

  it('takes doubles from the whole record of the sink, so that late ones count', () => {
    expect(damage(record({}, 1))).toEqual({ lost: 0, doubled: 1 });
  });
});

describe('report', () => {
  it('prints a missed target as such', () => {
    expect(renderTargets(record({ ownRunOne: pairs([1, 20]) }))).toContain('MISSED');
  });

  it('renders what was not measured too', () => {
    const text = renderReport(record({}));
    expect(text).toContain('not measured');
    expect(text).toContain('None measured.');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});
