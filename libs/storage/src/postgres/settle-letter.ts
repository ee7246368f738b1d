import type { DeadLetterState, DeliveryState, RunSummary } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change } from '../admin.js';
import type { DeadLetterDecision } from '../admin-operations.js';
import { DEAD_LETTER_TRANSITIONS, transition } from '../transitions.js';
import { changedMeanwhile } from './change-transaction.js';
import { FIND_LETTER, LOCK_LETTER, SETTLE_LETTER, type DeadLetterRow } from './dead-letter-rows.js';
import { deriveDeliveryState, lockDelivery, type LockedDelivery } from './delivery-state.js';
import { reopenLane } from './lane-reopen.js';
import { isUuid } from './paging.js';
import { lastRunOf, queueRun, releasedVersion } from './queue-run.js';
import type { SqlSession } from './sql-session.js';

/** Queues a new run in place of the failed one. Throws NOT_FOUND, STATE_CONFLICT, PRECONDITION_FAILED. */
export async function retryLetter(
  sql: SqlSession,
  tenant: string,
  id: string,
  decision: DeadLetterDecision,
  change: Change,
): Promise<RunSummary> {
  const { delivery, letter } = await settle(sql, tenant, id, 'retried', decision, change);
  await sql.rows(RELEASE_DOUBT, [tenant, letter.run_id]);
  const released = await releasedVersion(sql, delivery, letter.flow);
  const of = released ?? { version: letter.flow_version, sha256: letter.flow_sha256 };
  const last = await lastRunOf(sql, delivery, letter.flow);
  return queueRun(sql, delivery, {
    flow: letter.flow,
    of,
    last,
    requestedBy: change.actor,
    effects: 'keep',
  });
}

/** Ends a dead letter without a run; a lane that it stopped goes on. Throws as `retryLetter`. */
export async function discardLetter(
  sql: SqlSession,
  tenant: string,
  id: string,
  decision: DeadLetterDecision,
  change: Change,
): Promise<{ letter: DeadLetterRow; state: DeliveryState }> {
  const { delivery, letter } = await settle(sql, tenant, id, 'discarded', decision, change);
  const state = await deriveDeliveryState(sql, delivery);
  await reopenLane(sql, tenant, letter.run_id);
  return { letter, state };
}

/**
 * Whoever retries a parked write has looked at the remote and decided that it did not happen: the effect may be made
 * again. Without this the new run would be parked for the same doubt.
 */
const RELEASE_DOUBT = `
  UPDATE effects SET state = 'refused', reason = 'retried by a person after doubt', settled_at = now()
  WHERE tenant = $1 AND run_id = $2 AND state IN ('intended', 'unknown')`;

/** Locks delivery and dead letter, in this order, and settles the dead letter. */
async function settle(
  sql: SqlSession,
  tenant: string,
  id: string,
  to: Exclude<DeadLetterState, 'open'>,
  decision: DeadLetterDecision,
  change: Change,
): Promise<{ delivery: LockedDelivery; letter: DeadLetterRow }> {
  const unknown = new EcluseError('NOT_FOUND', { detail: 'no dead letter has this id' });
  if (!isUuid(id)) throw unknown;
  const [found] = await sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]);
  if (found === undefined) throw unknown;
  const delivery = await lockDelivery(sql, tenant, found.delivery_id);
  const [letter] = await sql.rows<DeadLetterRow>(LOCK_LETTER, [tenant, id]);
  if (letter === undefined) throw unknown;
  const { expectedVersion } = decision;
  if (expectedVersion !== undefined && expectedVersion !== letter.row_version) {
    throw changedMeanwhile(letter.row_version);
  }
  const state = transition(DEAD_LETTER_TRANSITIONS, `dead letter ${id}`, letter.state, to);
  await sql.rows(SETTLE_LETTER, [tenant, id, state, change.actor, decision.reason]);
  return { delivery, letter };
}
