import { describe, expect, it } from '@jest/globals';
import { planLeftovers } from './leftovers.js';
import { asPidRecord, type PidRecord } from './pid-file.js';

function record(name: string, second: number): PidRecord {
  const startedAt = `2026-11-24T08:00:${String(second).padStart(2, '0')}.000Z`;
  return { name, pid: 100 + second, identity: 'boot/1', stopSignal: 'SIGTERM', stopGraceMs: 1, startedAt };
}

describe('planLeftovers', () => {
  it('leaves a process alone whose pid is no longer ours, and forgets its record', () => {
    const stale = record('worker', 1);
    expect(planLeftovers([stale], new Set())).toEqual({ end: [], forget: [stale] });
  });

  it('never lists the supervisor itself', () => {
    expect(planLeftovers([record('supervisor', 1)], new Set(['supervisor']))).toEqual({
      end: [],
      forget: [],
    });
  });

  it('ends the youngest first, so that nobody loses a server it still needs', () => {
    const records = [record('postgres', 1), record('vault', 2), record('ingress', 3)];
    const plan = planLeftovers(records, new Set(['postgres', 'vault', 'ingress']));
    expect(plan.end.map(({ name }) => name)).toEqual(['ingress', 'vault', 'postgres']);
  });
});

describe('asPidRecord', () => {
  const good = record('worker', 1);

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['pid 1', { ...good, pid: 1 }],
    ['a negative pid, which would signal a group', { ...good, pid: -5 }],
    ['a pid as text', { ...good, pid: '101' }],
    ['no identity', { ...good, identity: '' }],
    ['another signal', { ...good, stopSignal: 'SIGSTOP' }],
    ['no grace', { ...good, stopGraceMs: null }],
  ])('refuses %s', (_case, value) => {
    expect(asPidRecord(value)).toBeUndefined();
  });

  it('takes what was written', () => {
    expect(asPidRecord(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });
});
