import type { LaneState, LaneView, RunFailure } from '@ecluse/contracts';
import { EcluseError, ERRORS } from '@ecluse/errors';
import type { Change } from '../admin.js';
import type { BodyEdit, LaneName, LaneRemedy } from '../lane-admin.js';
import { changedMeanwhile } from './change-transaction.js';
import { lockDelivery, type LockedDelivery } from './delivery-state.js';
import { FIND_LANE, HEAD_LETTER, toLaneView, type LaneRow } from './lane-views.js';
import { lockLane } from './lane-moves.js';
import { INBOX_CHANNEL } from './pg-listener.js';
import { endRun } from './run-end.js';
import { discardLetter, retryLetter } from './settle-letter.js';
import type { SqlSession } from './sql-session.js';

/** A lane that does not go on by itself, locked together with the delivery that stopped it. */
export interface StoppedLane {
  tenant: string;
  lane: LaneName;
  state: Exclude<LaneState, 'open'>;
  headRunId: string;
  delivery: LockedDelivery;
  /** Open dead letter of the head; null where the lane is blocked. */
  deadLetterId: string | null;
  view: LaneView;
}

const DELIVERY_OF = 'SELECT delivery_id FROM runs WHERE tenant = $1 AND id = $2';

/** Locks the delivery first, then the lane. Throws NOT_FOUND, STATE_CONFLICT, PRECONDITION_FAILED. */
export async function stoppedLane(
  sql: SqlSession,
  tenant: string,
  lane: LaneName,
  { expectedVersion }: Pick<LaneRemedy, 'expectedVersion'>,
): Promise<StoppedLane> {
  const place = [tenant, lane.flow, lane.laneKey];
  const [row] = await sql.rows<LaneRow>(FIND_LANE, place);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: 'no lane has this key' });
  if (row.state === 'open' || row.head_run_id === null) throw notStopped(row.state);
  const [head] = await sql.rows<{ delivery_id: string }>(DELIVERY_OF, [tenant, row.head_run_id]);
  const delivery = await lockDelivery(sql, tenant, head?.delivery_id ?? '');
  const locked = await lockLane(sql, { tenant, ...lane });
  if (expectedVersion !== undefined && expectedVersion !== locked.row_version) {
    throw changedMeanwhile(locked.row_version);
  }
  if (locked.state === 'open' || locked.head_run_id !== row.head_run_id) throw notStopped(locked.state);
  const [letter] = await sql.rows<{ id: string }>(HEAD_LETTER, [tenant, row.head_run_id]);
  const deadLetterId = letter?.id ?? null;
  const view = toLaneView(row, deadLetterId, []);
  return { tenant, lane, state: locked.state, headRunId: row.head_run_id, delivery, deadLetterId, view };
}

function notStopped(state: LaneState): EcluseError {
  return new EcluseError('STATE_CONFLICT', {
    detail: `the lane is ${state}; only one that is blocked or parked can be mended`,
  });
}

const TRY_NOW = `
UPDATE lanes SET retry_at = now(), row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND flow = $2 AND lane_key = $3`;

/** Answers the run that is tried: a new one for a parked lane, the same for a blocked one. */
export async function resumeHead(
  sql: SqlSession,
  { tenant, lane, headRunId, deadLetterId }: StoppedLane,
  { reason }: LaneRemedy,
  change: Change,
): Promise<string> {
  // Queuing the new run reopens the lane.
  if (deadLetterId !== null) return (await retryLetter(sql, tenant, deadLetterId, { reason }, change)).id;
  await sql.rows(TRY_NOW, [tenant, lane.flow, lane.laneKey]);
  await sql.rows(`SELECT pg_notify('${INBOX_CHANNEL}', '')`);
  return headRunId;
}

/** Gives the head up; the lane goes on. STATE_CONFLICT while it is being tried. */
export async function skipHead(
  sql: SqlSession,
  stopped: StoppedLane,
  { reason }: LaneRemedy,
  change: Change,
): Promise<void> {
  const letter = stopped.deadLetterId ?? (await giveUp(sql, stopped));
  // Settling the dead letter reopens the lane.
  await discardLetter(sql, stopped.tenant, letter, { reason }, change);
}

const WAITS = `SELECT id FROM runs WHERE tenant = $1 AND id = $2 AND state = 'queued' FOR UPDATE`;

/** A blocked head has no dead letter yet: it waits in its queue for the next try. */
async function giveUp(sql: SqlSession, { tenant, headRunId, view }: StoppedLane): Promise<string> {
  const failure: RunFailure = {
    stepId: null,
    code: ERRORS.RUN_CANCELLED.code,
    outcome: null,
    reason: `Skipped by a person while its lane was blocked. ${view.reason ?? ''}`.trim(),
  };
  const waits = await sql.rows(WAITS, [tenant, headRunId]);
  if (waits.length === 0 || !(await endRun(sql, tenant, headRunId, { state: 'dead_letter', failure }))) {
    throw new EcluseError('STATE_CONFLICT', { detail: 'the head is being tried at this moment; ask again' });
  }
  const [letter] = await sql.rows<{ id: string }>(HEAD_LETTER, [tenant, headRunId]);
  if (letter === undefined) throw new EcluseError('INTERNAL', { detail: 'a dead letter was not written' });
  return letter.id;
}

const EDIT = `
INSERT INTO body_edits (tenant, delivery_id, edit_no, ciphertext, wrapped_key, key_name, body_sha256, body_bytes, edited_by)
SELECT $1::text, $2::uuid, 1 + coalesce(max(edit_no), 0), $3::bytea, $4::text, $5::text, $6::text, $7::int, $8::text
FROM body_edits WHERE tenant = $1 AND delivery_id = $2
RETURNING edit_no`;

/** Stores a replacement of the body; the delivery's lock keeps the numbers apart. Answers its number. */
export async function editBody(
  sql: SqlSession,
  { tenant, delivery }: StoppedLane,
  { deliveryId, body, bodySha256, bodyBytes }: BodyEdit,
  change: Change,
): Promise<number> {
  if (deliveryId !== delivery.id) {
    throw new EcluseError('STATE_CONFLICT', { detail: 'another delivery stops the lane by now' });
  }
  const sealed = [body.ciphertext, body.wrappedKey, body.keyName];
  const [row] = await sql.rows<{ edit_no: number }>(EDIT, [
    tenant,
    deliveryId,
    ...sealed,
    bodySha256,
    bodyBytes,
    change.actor,
  ]);
  if (row === undefined) throw new EcluseError('INTERNAL', { detail: 'a body was not stored' });
  return row.edit_no;
}
