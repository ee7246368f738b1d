import type { DeliveryState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { DELIVERY_TRANSITIONS, transition } from '../transitions.js';
import type { SqlSession } from './sql-session.js';

/** A delivery whose row this transaction holds. */
export interface LockedDelivery {
  id: string;
  tenant: string;
  source: string;
  state: DeliveryState;
}

const LOCK = `SELECT id, tenant, source, state FROM inbox WHERE tenant = $1 AND id = $2 FOR UPDATE`;

/**
 * Two runs of one delivery that end at once would each see the other still running, and the delivery would stay
 * `running` for ever: whoever ends a run or settles a dead letter holds the delivery's row meanwhile.
 */
export async function lockDelivery(
  sql: SqlSession,
  tenant: string,
  deliveryId: string,
): Promise<LockedDelivery> {
  const [row] = await sql.rows<LockedDelivery>(LOCK, [tenant, deliveryId]);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `delivery ${deliveryId}` });
  return row;
}

/** The last run of each flow counts; earlier ones were replaced by a replay. */
const DERIVE = `
SELECT CASE
  WHEN bool_or(last.state IN ('queued', 'started', 'running')) THEN 'running'
  WHEN bool_or(last.letter = 'open') THEN 'dead_letter'
  WHEN bool_or(last.letter = 'discarded') THEN 'discarded'
  ELSE 'succeeded' END AS state
FROM (
  SELECT DISTINCT ON (r.flow) r.state, d.state AS letter
  FROM runs r LEFT JOIN dead_letters d ON d.run_id = r.id
  WHERE r.delivery_id = $1 ORDER BY r.flow, r.replay_no DESC
) last`;

/** Sets the state that follows from the delivery's runs and dead letters. The row must be locked. */
export async function deriveDeliveryState(sql: SqlSession, delivery: LockedDelivery): Promise<DeliveryState> {
  const [derived] = await sql.rows<{ state: DeliveryState }>(DERIVE, [delivery.id]);
  return moveDelivery(sql, delivery, derived?.state ?? delivery.state);
}

/** Moves a locked delivery; throws STATE_CONFLICT for an illegal move. */
export async function moveDelivery(
  sql: SqlSession,
  delivery: LockedDelivery,
  to: DeliveryState,
  reason: string | null = null,
): Promise<DeliveryState> {
  if (to === delivery.state) return to;
  const state = transition(DELIVERY_TRANSITIONS, `delivery ${delivery.id}`, delivery.state, to);
  await sql.rows('UPDATE inbox SET state = $2, state_reason = $3 WHERE id = $1', [
    delivery.id,
    state,
    reason,
  ]);
  return state;
}
