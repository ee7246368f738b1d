import { describe, expect, it } from '@jest/globals';
import type { Commit } from '../remote/remotes.js';
import type { DeliveryRecord, RunEvidence } from '../runs/run-record.js';
import { message, type Message } from '../sender/message.js';
import { judge } from './invariants.js';

const IDS = Array.from({ length: 20 }, (_, index) => `m-${String(index)}`);

function sent(kind: Message['kind'] = 'pair'): Message[] {
  return IDS.map((id, seq) => message({ kind, id, key: 'k', seq, bytes: 10, canary: 'c' }));
}
function delivery(key: string, state = 'succeeded', triggered: boolean | null = true): DeliveryRecord {
  const runs = [{ flow: 'f', replayNo: 0, state, triggered }];
  return { id: `d-${key}`, key, state, runs, deadLetters: [] };
}
function commit(remote: Commit['remote'], businessId: string, more: Partial<Commit> = {}): Commit {
  const seq = Number(businessId.slice(2));
  const base = { remote, businessId, callKey: `${businessId}/${remote}`, orderKey: 'k', seq };
  return { ...base, absorbed: false, user: 'v', at: 2, ...more };
}
function healthy(kind: Message['kind'] = 'pair'): RunEvidence {
  return {
    messages: sent(kind),
    attempts: IDS.map((id) => ({ id, startedAt: 0, endedAt: 1, result: 202, deliveryId: `d-${id}` })),
    deliveries: IDS.map((id) => delivery(id)),
    commits: IDS.flatMap((id) =>
      kind === 'keyless' ? [commit('notes', id)] : [commit('crm', id), commit('erp', id)],
    ),
    leaks: [],
  };
}
function without<T extends { businessId?: string; key?: string }>(items: readonly T[], id: string): T[] {
  return items.filter(({ businessId, key }) => businessId !== id && key !== id);
}

describe('the checkers', () => {
  it('let a run pass in which everything was done once', () => {
    const { violations, successes, accepted, lost, doubled } = judge(healthy());
    expect({ violations, successes, accepted, lost, doubled }).toEqual({
      violations: [],
      successes: 1,
      accepted: 20,
      lost: 0,
      doubled: 0,
    });
  });

  it('fail a run in which everything errors', () => {
    const evidence = healthy();
    const nothing = { ...evidence, commits: [], deliveries: IDS.map((id) => delivery(id, 'dead_letter')) };
    expect(judge(nothing)).toMatchObject({ lost: 0, successes: 0 });
    expect(judge(nothing).violations[0]).toMatch(/^successes: 0.0 %/);
  });

  it('fail a run in which nothing was accepted', () => {
    expect(judge({ ...healthy(), attempts: [], deliveries: [], commits: [] }).violations).not.toEqual([]);
  });

  it.each([
    ['no row', (e: RunEvidence) => ({ ...e, deliveries: without(e.deliveries, 'm-3') })],
    [
      'still running',
      (e: RunEvidence) => ({
        ...e,
        deliveries: [...without(e.deliveries, 'm-3'), delivery('m-3', 'running')],
      }),
    ],
    [
      'said to be done, and an effect is missing',
      (e: RunEvidence) => ({ ...e, commits: without(e.commits, 'm-3') }),
    ],
  ])('see a loss: %s', (_name, break_) => {
    const judgement = judge(break_(healthy()));
    expect(judgement.lost).toBe(1);
    expect(judgement.violations.join()).toContain('I1 lost (1): m-3');
  });

  it('see a second effect under another key, and absorb one under the same', () => {
    const evidence = healthy();
    const again = commit('erp', 'm-4', { absorbed: true });
    expect(judge({ ...evidence, commits: [...evidence.commits, again] })).toMatchObject({
      doubled: 0,
      absorbed: 1,
      violations: [],
    });
    const other = commit('erp', 'm-4', { callKey: 'other' });
    expect(judge({ ...evidence, commits: [...evidence.commits, other] }).violations.join()).toContain(
      'I2 doubled (1): erp m-4',
    );
  });

  it('see any second commit at a remote without keys', () => {
    const evidence = healthy('keyless');
    const judgement = judge({ ...evidence, commits: [...evidence.commits, commit('notes', 'm-5')] });
    expect(judgement.doubled).toBe(1);
  });

  it('see a write that was parked for another reason than doubt', () => {
    const evidence = healthy('keyless');
    const parked = (outcome: string): DeliveryRecord => ({
      ...delivery('m-5', 'dead_letter'),
      deadLetters: [{ code: 'ECL-1', outcome }],
    });
    const with_ = (outcome: string): string =>
      judge({
        ...evidence,
        deliveries: [...without(evidence.deliveries, 'm-5'), parked(outcome)],
      }).violations.join();
    expect(with_('transient')).toContain('I2 parked without doubt (1): m-5 (ECL-1)');
    expect(with_('ambiguous')).not.toContain('I2 parked');
  });

  it('see a sequence that goes back, and none that was passed over', () => {
    const evidence = healthy('ordered');
    expect(judge(evidence).violations).toEqual([]);
    const stale = [...without(evidence.deliveries, 'm-6'), delivery('m-6', 'succeeded', false)];
    expect(
      judge({ ...evidence, deliveries: stale, commits: without(evidence.commits, 'm-6') }).violations,
    ).toEqual([]);
    expect(judge({ ...evidence, commits: [...evidence.commits].reverse() }).violations.join()).toContain(
      'I3 out of order',
    );
  });

  it.each([500, 404, 503])('see the answer %s, without Retry-After', (result) => {
    const evidence = healthy();
    const odd = { id: 'm-1', startedAt: 0, endedAt: 1, result };
    expect(judge({ ...evidence, attempts: [...evidence.attempts, odd] }).violations.join()).toContain(
      'I4 answer',
    );
  });

  it('see an answer that names no stored delivery', () => {
    const evidence = healthy();
    const early = { id: 'm-1', startedAt: 0, endedAt: 1, result: 202, deliveryId: 'another' } as const;
    expect(judge({ ...evidence, attempts: [...evidence.attempts, early] }).violations.join()).toContain(
      'I4 not durable',
    );
  });

  it('see a canary', () => {
    expect(judge({ ...healthy(), leaks: ['worker.log: personal text'] }).violations.join()).toContain(
      'I5 canary',
    );
  });
});
