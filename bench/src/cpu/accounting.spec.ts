import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cpuBetween, cpuOf, type Snapshot } from './accounting.js';

type Row = [pid: number, parent: number, own: number, endedChildren?: number];

function snapshot(at: number, busy: number, rows: Row[], sinkPids: number[] = []): Snapshot {
  const processes = rows.map(([pid, parent, own, endedChildren = 0]) => ({
    pid,
    parent,
    own,
    endedChildren,
  }));
  return {
    at,
    busy,
    processes: new Map(processes.map((each) => [each.pid, each])),
    sinkPids: new Set(sinkPids),
  };
}
const roots = new Map([
  [10, 'bench'],
  [20, 'postgres'],
]);

describe('CPU between two snapshots', () => {
  it('gives a process to its nearest ancestor, and leaves out what has none', () => {
    const before = snapshot(0, 0, [
      [10, 1, 0],
      [20, 10, 0],
      [21, 20, 0],
      [99, 1, 0],
    ]);
    const after = snapshot(1_000, 100, [
      [10, 1, 1],
      [20, 10, 2],
      [21, 20, 3],
      [99, 1, 94],
    ]);
    const use = cpuBetween(before, after, roots, 2);
    expect(use.groups).toEqual({ bench: 10, postgres: 50, sink: 0 });
    expect(use.foreignShare).toBeCloseTo(0.47);
  });

  it('finds a child that came and went in the account of its parent', () => {
    const before = snapshot(0, 0, [
      [20, 1, 5],
      [21, 20, 40],
    ]);
    const after = snapshot(1_000, 60, [[20, 1, 5, 100]]);
    expect(cpuBetween(before, after, roots, 1).groups).toEqual({ postgres: 600, sink: 0 });
  });

  it("takes the sink's sessions out of PostgreSQL, new ones too", () => {
    const before = snapshot(
      0,
      0,
      [
        [20, 1, 0],
        [21, 20, 10],
      ],
      [21],
    );
    const after = snapshot(
      1_000,
      60,
      [
        [20, 1, 10],
        [21, 20, 30],
        [22, 20, 30],
      ],
      [21, 22],
    );
    expect(cpuBetween(before, after, roots, 1).groups).toEqual({ postgres: 100, sink: 500 });
  });

  it("counts kernel threads as nobody's", () => {
    const before = snapshot(0, 0, [
      [2, 0, 0],
      [3, 2, 0],
    ]);
    const after = snapshot(1_000, 50, [
      [2, 0, 0],
      [3, 2, 50],
    ]);
    expect(cpuBetween(before, after, roots, 1).foreignShare).toBe(0);
  });

  it('accounts for every tick: groups, others and the kernel make the whole', () => {
    const ticks = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(ticks, ticks, ticks, ticks, (bench, postgres, other, kernel) => {
        const busy = bench + postgres + other + kernel;
        const rows = (on: number): Row[] => [
          [3, 2, on * kernel],
          [10, 1, on * bench],
          [20, 1, on * postgres],
        ];
        const use = cpuBetween(snapshot(0, 0, rows(0)), snapshot(1_000, busy, rows(1)), roots, 1);
        expect(cpuOf(use.groups, ['bench', 'postgres', 'sink'])).toBe((bench + postgres) * 10);
        expect(use.foreignShare).toBeCloseTo(other / 100);
      }),
    );
  });
});
