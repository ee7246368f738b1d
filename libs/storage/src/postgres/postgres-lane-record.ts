import type { DataSource } from 'typeorm';
import type { LaneClosing, LaneItem, LaneRef } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { recordSequence } from '@ecluse/flow-model';
import type { LaneEnd, LaneLook, LaneRecord, PassedOver } from '../lane-record.js';
import { deriveDeliveryStates, lockDeliveries } from './delivery-state.js';
import {
  closeInLane,
  endLease,
  giveBackOrphans,
  giveBackRuns,
  lockLane,
  writeSequence,
} from './lane-moves.js';
import { ENSURE_LANE, LOOK_AT_LANE, queueOfLane, sequenceOf, type LaneLookRow } from './lane-rows.js';
import { INBOX_CHANNEL } from './pg-listener.js';
import { withTenant, type SqlSession } from './sql-session.js';

const NEWEST_EDIT = `
SELECT max(edit_no) AS edit_no FROM body_edits WHERE tenant = $1 AND delivery_id = $2`;
/** A lane that cannot use what it is handed is not handed it again at once. */
const PAUSE_MS = 100;
/** Opened and ended at once. */
const PASS_OVER = `
UPDATE runs SET state = 'succeeded', triggered = false, note = $3, started_at = coalesce(started_at, now()),
                opened_at = coalesce(opened_at, now()), ended_at = now(), waiting_for = NULL
WHERE tenant = $1 AND id = ANY($2::uuid[]) AND state IN ('queued', 'started', 'running')
RETURNING id`;

/** Role `ecluse_worker`. */
export class PostgresLaneRecord implements LaneRecord {
  constructor(private readonly dataSource: DataSource) {}

  look(lane: LaneRef, pending: readonly LaneItem[]): Promise<LaneLook> {
    return withTenant(this.dataSource, lane.tenant, async (sql) => {
      const row = (await lookAt(sql, lane, pending)) ?? (await createAndLook(sql, lane, pending));
      return {
        state: row.state,
        retryAt: row.retry_at === null ? null : Number(row.retry_at),
        lastSequence: sequenceOf(row.last_sequence),
        policy: row.policy,
        earliestElsewhere: row.earliest_elsewhere,
        runs: row.runs ?? {},
        now: Number(row.now),
      };
    });
  }

  bodyEditOf(tenant: string, deliveryId: string): Promise<number | undefined> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const [row] = await sql.rows<{ edit_no: number | null }>(NEWEST_EDIT, [tenant, deliveryId]);
      return row?.edit_no ?? undefined;
    });
  }

  giveBack(lane: LaneRef, runIds: readonly string[]): Promise<void> {
    return withTenant(this.dataSource, lane.tenant, async (sql) => {
      await lockLane(sql, lane);
      await giveBackOrphans(sql, lane, runIds);
      await giveBackRuns(sql, lane, runIds);
      await endLease(sql, lane, PAUSE_MS);
      await sql.rows(`SELECT pg_notify('${INBOX_CHANNEL}', '')`);
    });
  }

  passOver(lane: LaneRef, { items, note, counts }: PassedOver): Promise<void> {
    return withTenant(this.dataSource, lane.tenant, async (sql) => {
      const ids = items.map(({ run }) => run.deliveryId);
      const deliveries = await lockDeliveries(sql, lane.tenant, ids);
      const record = await lockLane(sql, lane);
      const runIds = items.map(({ run }) => run.runId);
      const rows = await sql.rows<{ id: string }>(PASS_OVER, [lane.tenant, runIds, note]);
      if (rows.length === 0) return;
      await deriveDeliveryStates(sql, [...deliveries.values()]);
      const before = { last: sequenceOf(record.last_sequence), gaps: record.gaps };
      const ended = new Set(rows.map(({ id }) => id));
      const dealtWith = counts ? items.filter(({ run }) => ended.has(run.runId)) : [];
      const after = dealtWith.reduce((state, { sequence }) => recordSequence(state, sequence), before);
      if (after !== before) await writeSequence(sql, lane, after);
    });
  }

  close(lane: LaneRef, end: LaneEnd): Promise<LaneClosing> {
    return withTenant(this.dataSource, lane.tenant, (sql) => closeInLane(sql, lane, end));
  }
}

async function lookAt(
  sql: SqlSession,
  lane: LaneRef,
  pending: readonly LaneItem[],
): Promise<LaneLookRow | undefined> {
  const ids = pending.map(({ run }) => run.runId);
  const version = pending[0]?.run.flowVersion ?? 0;
  const place = [lane.tenant, lane.flow, lane.laneKey, queueOfLane(lane)];
  const [row] = await sql.rows<LaneLookRow>(LOOK_AT_LANE, [...place, version, ids]);
  return row;
}

async function createAndLook(
  sql: SqlSession,
  lane: LaneRef,
  pending: readonly LaneItem[],
): Promise<LaneLookRow> {
  await sql.rows(ENSURE_LANE, [lane.tenant, lane.flow, lane.laneKey, queueOfLane(lane)]);
  const row = await lookAt(sql, lane, pending);
  if (row === undefined) throw new EcluseError('INTERNAL', { detail: 'a lane was not made' });
  return row;
}
