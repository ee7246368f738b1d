import type { LaneClosing, LaneItem, LaneRef, RunFailure } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import {
  laneAfterFailure,
  recordSequence,
  type LaneAfterFailure,
  type SequenceRecord,
} from '@ecluse/flow-model';
import type { LaneEnd } from '../lane-record.js';
import { deriveDeliveryState, lockDelivery } from './delivery-state.js';
import { DEFAULT_LANE_POLICY, LOCK_LANE, queueOfLane, sequenceOf, type LockedLaneRow } from './lane-rows.js';
import { endRun } from './run-end.js';
import type { SqlSession } from './sql-session.js';

/** Whoever locks both locks deliveries first, then the lane, then runs. */
export async function lockLane(sql: SqlSession, lane: LaneRef): Promise<LockedLaneRow> {
  const [row] = await sql.rows<LockedLaneRow>(LOCK_LANE, [lane.tenant, lane.flow, lane.laneKey]);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `lane ${lane.flow}/${lane.laneKey}` });
  return row;
}

const GIVE_BACK = `
UPDATE runs SET state = 'queued', claimed_by = NULL, claimed_until = NULL
WHERE tenant = $1 AND queue = $2 AND id = ANY($3::uuid[]) AND state IN ('queued', 'started', 'running')`;

/** Runs of a lane that it does not run now wait in their queue again. */
export async function giveBackRuns(sql: SqlSession, lane: LaneRef, runIds: readonly string[]): Promise<void> {
  if (runIds.length > 0) await sql.rows(GIVE_BACK, [lane.tenant, queueOfLane(lane), runIds]);
}

const GIVE_BACK_ORPHANS = `
UPDATE runs SET state = 'queued', claimed_by = NULL, claimed_until = NULL
WHERE tenant = $1 AND queue = $2 AND lane_key IS NOT NULL AND state IN ('started', 'running')
  AND position < (SELECT min(position) FROM runs WHERE tenant = $1 AND id = ANY($3::uuid[]))`;

/**
 * Earlier runs that count as handed over, asked for by the only workflow that could hold them, which does not: the
 * engine lost them.
 */
export async function giveBackOrphans(
  sql: SqlSession,
  lane: LaneRef,
  before: readonly string[],
): Promise<void> {
  await sql.rows(GIVE_BACK_ORPHANS, [lane.tenant, queueOfLane(lane), before]);
}

const END_LEASE = `
UPDATE lanes SET claimed_by = NULL, claimed_until = now() + $4 * interval '1 millisecond'
WHERE tenant = $1 AND flow = $2 AND lane_key = $3`;

/** Whoever is handing runs over at the moment learns that they were given back; nobody does so again for `delayMs`. */
export async function endLease(sql: SqlSession, lane: LaneRef, delayMs: number): Promise<void> {
  await sql.rows(END_LEASE, [lane.tenant, lane.flow, lane.laneKey, delayMs]);
}

const WRITE_SEQUENCE = `
UPDATE lanes SET last_sequence = $4, gaps = $5::jsonb, updated_at = now()
WHERE tenant = $1 AND flow = $2 AND lane_key = $3`;

export async function writeSequence(sql: SqlSession, lane: LaneRef, record: SequenceRecord): Promise<void> {
  const values = [lane.tenant, lane.flow, lane.laneKey, record.last, JSON.stringify(record.gaps)];
  await sql.rows(WRITE_SEQUENCE, values);
}

/** See LaneRecord.close. */
export async function closeInLane(sql: SqlSession, lane: LaneRef, end: LaneEnd): Promise<LaneClosing> {
  const { item, result, waiting } = end;
  const delivery = await lockDelivery(sql, lane.tenant, item.run.deliveryId);
  const before = await lockLane(sql, lane);
  const next = result.state === 'succeeded' ? null : await afterFailure(sql, item, before);
  const moved =
    next?.run === 'queued'
      ? await queueAgain(sql, item)
      : await endRun(sql, lane.tenant, item.run.runId, result);
  // Recorded by an earlier try of this activity: what it decided stands.
  if (!moved) return { goesOn: before.state === 'open' };
  if (next?.run !== 'queued') await deriveDeliveryState(sql, delivery);
  if (result.state === 'succeeded') await writeSuccess(sql, lane, before, item);
  else if (next !== null) await writeFailure(sql, lane, { before, next, item, failure: result.failure });
  const goesOn = next === null || next.lane === 'open';
  if (!goesOn) await giveBackRuns(sql, lane, waiting);
  return { goesOn };
}

const POLICY = `
SELECT coalesce(definition #>> '{order,onFailure}', '${DEFAULT_LANE_POLICY}') AS policy FROM flow_versions
WHERE tenant = $1 AND flow = $2 AND version = $3`;

async function afterFailure(
  sql: SqlSession,
  { run }: LaneItem,
  before: LockedLaneRow,
): Promise<LaneAfterFailure> {
  const [row] = await sql.rows<{ policy: Parameters<typeof laneAfterFailure>[0] }>(POLICY, [
    run.tenant,
    run.flow,
    run.flowVersion,
  ]);
  return laneAfterFailure(row?.policy ?? DEFAULT_LANE_POLICY, failuresOf(run.runId, before));
}

/** Failures in a row of the run, this one included. */
function failuresOf(runId: string, before: LockedLaneRow): number {
  return before.head_run_id === runId ? before.failures + 1 : 1;
}

const QUEUE_AGAIN = `
UPDATE runs SET state = 'queued', claimed_by = NULL, claimed_until = NULL
WHERE tenant = $1 AND id = $2 AND state = 'running' RETURNING id`;

async function queueAgain(sql: SqlSession, { run }: LaneItem): Promise<boolean> {
  return (await sql.rows(QUEUE_AGAIN, [run.tenant, run.runId])).length > 0;
}

const CLEAR = `
UPDATE lanes SET state = 'open', failures = 0, retry_at = NULL, reason = NULL, head_run_id = NULL,
                 last_sequence = $4, gaps = $5::jsonb, row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND flow = $2 AND lane_key = $3`;

/** Most lanes have nothing to write here: they were open, and their flow has no sequence. */
async function writeSuccess(
  sql: SqlSession,
  lane: LaneRef,
  before: LockedLaneRow,
  { sequence }: LaneItem,
): Promise<void> {
  if (before.state === 'open' && before.failures === 0 && sequence === undefined) return;
  const record = { last: sequenceOf(before.last_sequence), gaps: before.gaps };
  const after = recordSequence(record, sequence);
  const values = [lane.tenant, lane.flow, lane.laneKey, after.last, JSON.stringify(after.gaps)];
  await sql.rows(CLEAR, values);
}

const STOP = `
UPDATE lanes SET state = $4, failures = $5, retry_at = now() + $6 * interval '1 millisecond', reason = $7,
                 head_run_id = $8, claimed_by = NULL, claimed_until = NULL, row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND flow = $2 AND lane_key = $3`;

interface Failed {
  before: LockedLaneRow;
  next: LaneAfterFailure;
  item: LaneItem;
  failure: RunFailure;
}

async function writeFailure(sql: SqlSession, lane: LaneRef, failed: Failed): Promise<void> {
  const { before, next, item, failure } = failed;
  const stops = next.lane !== 'open';
  if (!stops && before.state === 'open' && before.failures === 0) return;
  await sql.rows(STOP, [
    lane.tenant,
    lane.flow,
    lane.laneKey,
    next.lane,
    stops ? failuresOf(item.run.runId, before) : 0,
    next.retryAfterMs,
    stops ? `${failure.code}: ${failure.reason}` : null,
    stops ? item.run.runId : null,
  ]);
}
