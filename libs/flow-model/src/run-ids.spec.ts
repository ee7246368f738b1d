import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idempotencyKeyOf, originOf, workflowIdOf, type RunIdentity } from './run-ids.js';

const identity: RunIdentity = {
  tenant: 'acme',
  source: 'crm-deals',
  deliveryKeySha256: '0123456789abcdef'.repeat(4),
  flow: 'deal-won-to-order',
  replayNo: 0,
};
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('workflowIdOf', () => {
  it.each([
    ['a delivery key instead of its digest', { deliveryKeySha256: 'jane@example.com' }],
    ['a negative replay number', { replayNo: -1 }],
    ['a fractional replay number', { replayNo: 1.5 }],
    ['names that make it too long', { tenant: 'a'.repeat(240) }],
  ])('refuses %s', (_name, change) => {
    expect(() => workflowIdOf({ ...identity, ...change })).toThrow(RangeError);
  });

  it('names tenant, source, key and flow, and the replay', () => {
    const first = 'wh:acme:crm-deals:0123456789abcdef0123456789abcdef:deal-won-to-order';
    expect(workflowIdOf(identity)).toBe(first);
    expect(workflowIdOf({ ...identity, replayNo: 12 })).toBe(`${first}/r12`);
  });

  it('fits the engine, and a replay keeps its origin', () => {
    fc.assert(
      fc.property(
        name,
        name,
        digest,
        name,
        fc.nat(1_000_000),
        (tenant, source, deliveryKeySha256, flow, replayNo) => {
          const origin = workflowIdOf({ tenant, source, deliveryKeySha256, flow, replayNo: 0 });
          const id = workflowIdOf({ tenant, source, deliveryKeySha256, flow, replayNo });
          expect(id.length).toBeLessThanOrEqual(255);
          expect(originOf(id)).toBe(origin);
        },
      ),
    );
  });
});

describe('idempotencyKeyOf', () => {
  it('is stable over replays and new with a nonce', () => {
    const origin = originOf(workflowIdOf({ ...identity, replayNo: 3 }));
    expect(idempotencyKeyOf({ origin }, 'order')).toBe(`${workflowIdOf(identity)}/order`);
    expect(idempotencyKeyOf({ origin, effectNonce: 'n1' }, 'order')).toBe(
      `${workflowIdOf(identity)}/order#n1`,
    );
  });
});
