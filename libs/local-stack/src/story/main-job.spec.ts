import { describe, expect, it } from '@jest/globals';
import type { AttemptView, DeliveryView, EffectView, RunView } from '@ecluse/contracts';
import type { ErpOrder } from './erp-order.js';
import { checkMainJob, leaseOf, type MainJobFacts } from './main-job.js';

function attempt(stepId: string, user: string | null): AttemptView {
  const lease = user === null ? null : `${user}-ref`;
  return {
    stepId,
    attempt: 1,
    connection: 'erp',
    operation: 'x',
    startedAt: '2026-11-24T08:00:00Z',
    endedAt: null,
    outcome: 'success',
    code: null,
    reason: null,
    leaseRef: lease,
    leaseUser: user,
    leaseExpiresAt: user === null ? null : '2026-11-24T08:15:00Z',
  };
}

const effect = { stepId: 'order', state: 'confirmed' } as EffectView;
const run = {
  state: 'succeeded',
  triggered: true,
  attempts: [attempt('customer', 'v-old'), attempt('order', 'v-erp')],
  effects: [effect],
} as unknown as RunView;
const delivery = { id: 'd1', state: 'succeeded' } as DeliveryView;
const order: ErpOrder = {
  number: 'SO-000001',
  externalId: 'deal-1',
  customer: 'c',
  currency: 'EUR',
  createdBy: 'v-erp',
  total: '10.00',
  lines: [],
};
const good: MainJobFacts = {
  delivery,
  run,
  orders: [order],
  expectedTotal: '10.00',
  repeatedDeliveryId: 'd1',
  now: '2026-11-24T08:01:00Z',
};

const failing = (facts: MainJobFacts): string[] =>
  checkMainJob(facts)
    .filter(({ holds }) => !holds)
    .map(({ fact }) => fact);

describe('checkMainJob', () => {
  it.each<[string, Partial<MainJobFacts>, string]>([
    ['a dead letter', { delivery: { ...delivery, state: 'dead_letter' } }, 'the delivery succeeded'],
    [
      'a run that was not triggered',
      { run: { ...run, triggered: false } },
      'its run was triggered and succeeded',
    ],
    ['a run without effects', { run: { ...run, effects: [] } }, 'every effect is confirmed'],
    [
      'an effect in doubt',
      { run: { ...run, effects: [{ ...effect, state: 'unknown' }] } },
      'every effect is confirmed',
    ],
    ['two orders', { orders: [order, order] }, 'the ERP has exactly one order'],
    ['another total', { orders: [{ ...order, total: '9.00' }] }, 'its total is 10.00'],
    [
      'an order written by a lasting user',
      { orders: [{ ...order, createdBy: 'erp_rw' }] },
      'a user that Vault made wrote it',
    ],
    ['an expired lease', { now: '2026-11-24T08:15:00Z' }, 'that user expires by itself'],
    [
      'a second delivery for the copy',
      { repeatedDeliveryId: 'd2' },
      'the same delivery sent again is recognised',
    ],
  ])('refuses %s', (_case, change, fact) => {
    expect(failing({ ...good, ...change })).toEqual([fact]);
  });

  it('holds when everything happened as promised', () => {
    expect(failing(good)).toEqual([]);
  });
});

describe('leaseOf', () => {
  it('is the last lease that was used', () => {
    expect(leaseOf(run)).toEqual({ user: 'v-erp', ref: 'v-erp-ref', expiresAt: '2026-11-24T08:15:00Z' });
  });

  it('is undefined when no attempt held one', () => {
    expect(leaseOf({ ...run, attempts: [attempt('order', null)] })).toBeUndefined();
  });
});
