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

/** In the order of the ids, so that two transactions never wait for each other. */
const LOCK = `
SELECT id, tenant, source, state FROM inbox WHERE tenant = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE`;

/**
 * Two runs of one delivery that end at once would each see the other still running, and the delivery would stay
 * `running` for ever: whoever ends runs or settles a dead letter holds the deliveries' rows meanwhile. Answers those
 * that exist, by id.
 */
export async function lockDeliveries(
  sql: SqlSession,
  tenant: string,
  deliveryIds: readonly string[],
): Promise<Map<string, LockedDelivery>> {
  const rows = await sql.rows<LockedDelivery>(LOCK, [tenant, [...new Set(deliveryIds)]]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Throws NOT_FOUND for an unknown delivery. See `lockDeliveries`. */
export async function lockDelivery(
  sql: SqlSession,
  tenant: string,
  deliveryId: string,
): Promise<LockedDelivery> {
  const delivery = (await lockDeliveries(sql, tenant, [deliveryId])).get(deliveryId);
  if (delivery === undefined) throw new EcluseError('NOT_FOUND', { detail: `delivery ${deliveryId}` });
  return delivery;
}

/** The last run of each flow counts; earlier ones were replaced by a replay. */
const DERIVE = `
SELECT last.delivery_id AS id, CASE
  WHEN bool_or(last.state IN ('queued', 'started', 'running')) THEN 'running'
  WHEN bool_or(last.letter = 'open') THEN 'dead_letter'
  WHEN bool_or(last.letter = 'discarded') THEN 'discarded'
  ELSE 'succeeded' END AS state
FROM (
  SELECT DISTINCT ON (r.delivery_id, r.flow) r.delivery_id, r.state, d.state AS letter
  FROM runs r LEFT JOIN dead_letters d ON d.run_id = r.id
  WHERE r.delivery_id = ANY($1::uuid[]) ORDER BY r.delivery_id, r.flow, r.replay_no DESC
) last GROUP BY last.delivery_id`;

const MOVE = `
UPDATE inbox i SET state = moved.state, state_reason = moved.reason
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS moved (id, state, reason) WHERE i.id = moved.id`;

/**
 * Sets the states that follow from the deliveries' runs and dead letters. The rows must be locked. Throws
 * STATE_CONFLICT for an illegal move.
 */
export async function deriveDeliveryStates(
  sql: SqlSession,
  deliveries: readonly LockedDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = await sql.rows<{ id: string; state: DeliveryState }>(DERIVE, [deliveries.map(({ id }) => id)]);
  const derived = new Map(rows.map(({ id, state }) => [id, state]));
  const moved = deliveries.flatMap((delivery) => {
    const to = derived.get(delivery.id) ?? delivery.state;
    return to === delivery.state ? [] : [{ id: delivery.id, state: legalMove(delivery, to) }];
  });
  if (moved.length === 0) return;
  await sql.rows(MOVE, [moved.map(({ id }) => id), moved.map(({ state }) => state), moved.map(() => null)]);
}

/** Sets and answers the state of one locked delivery. See `deriveDeliveryStates`. */
export async function deriveDeliveryState(sql: SqlSession, delivery: LockedDelivery): Promise<DeliveryState> {
  const [derived] = await sql.rows<{ state: DeliveryState }>(DERIVE, [[delivery.id]]);
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
  const state = legalMove(delivery, to);
  await sql.rows(MOVE, [[delivery.id], [state], [reason]]);
  return state;
}

function legalMove(delivery: LockedDelivery, to: DeliveryState): DeliveryState {
  return transition(DELIVERY_TRANSITIONS, `delivery ${delivery.id}`, delivery.state, to);
}
