import type { DeliveryView, RunView } from '@ecluse/contracts';
import type { ErpOrder } from './erp-order.js';

/** Everything that can be seen of one delivery, from the door to the ERP. */
export interface MainJobFacts {
  readonly delivery: DeliveryView;
  readonly run: RunView;
  readonly orders: readonly ErpOrder[];
  /** Total that the sent deal asks for, with two decimals. */
  readonly expectedTotal: string;
  /** Delivery id that the door answered when the same delivery was sent once more. */
  readonly repeatedDeliveryId: string;
  /** RFC 3339. */
  readonly now: string;
}

/** One statement about the main job, and whether it holds. */
export interface CheckedFact {
  readonly fact: string;
  readonly holds: boolean;
  /** What was seen instead; shown when it does not hold. */
  readonly seen: string;
}

/** The credential lease under which the run wrote, as its last attempt that held one recorded it. */
export function leaseOf(run: RunView): { user: string; ref: string; expiresAt: string } | undefined {
  for (const { leaseUser, leaseRef, leaseExpiresAt } of run.attempts.toReversed()) {
    if (leaseUser !== null && leaseRef !== null && leaseExpiresAt !== null) {
      return { user: leaseUser, ref: leaseRef, expiresAt: leaseExpiresAt };
    }
  }
  return undefined;
}

/** States what the main job promises, and compares it with what was seen. Pure. */
export function checkMainJob(facts: MainJobFacts): CheckedFact[] {
  const { delivery, run, orders, expectedTotal, repeatedDeliveryId, now } = facts;
  const lease = leaseOf(run);
  const [order] = orders;
  const state = (fact: string, holds: boolean, seen: string): CheckedFact => ({ fact, holds, seen });
  return [
    state('the delivery succeeded', delivery.state === 'succeeded', `state ${delivery.state}`),
    state(
      'its run was triggered and succeeded',
      run.state === 'succeeded' && run.triggered === true,
      `state ${run.state}`,
    ),
    state(
      'every effect is confirmed',
      run.effects.length > 0 && run.effects.every((effect) => effect.state === 'confirmed'),
      run.effects.map(({ stepId, state }) => `${stepId} ${state}`).join(', ') || 'no effect',
    ),
    state('the ERP has exactly one order', orders.length === 1, `${String(orders.length)} orders`),
    state(
      `its total is ${expectedTotal}`,
      order?.total === expectedTotal,
      `total ${order?.total ?? 'unknown'}`,
    ),
    state(
      'a user that Vault made wrote it',
      order !== undefined && order.createdBy.startsWith('v-') && order.createdBy === lease?.user,
      `written by ${order?.createdBy ?? 'nobody'}, lease of ${lease?.user ?? 'nobody'}`,
    ),
    state(
      'that user expires by itself',
      lease !== undefined && Date.parse(lease.expiresAt) > Date.parse(now),
      `expiry ${lease?.expiresAt ?? 'unknown'}`,
    ),
    state(
      'the same delivery sent again is recognised',
      repeatedDeliveryId === delivery.id,
      `delivery ${repeatedDeliveryId}`,
    ),
  ];
}
