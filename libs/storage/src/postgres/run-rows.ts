import type { RunState, RunSummary } from '@ecluse/contracts';

/** A queued run says nothing itself: the dispatcher passes by queues whose flow calls a held connection, and stopped lanes. */
const WAITING_FOR = `CASE WHEN r.state IN ('queued', 'started', 'running') THEN coalesce(r.waiting_for, (
  SELECT 'connection ' || c.connection || CASE c.state WHEN 'paused' THEN ' is paused' ELSE ' does not work at present' END
         || coalesce(': ' || c.reason, '')
  FROM connection_states c
    JOIN flow_versions v ON v.tenant = r.tenant AND v.flow = r.flow AND v.version = r.flow_version
  WHERE r.state = 'queued' AND c.tenant = r.tenant AND c.state <> 'closed' AND v.connections ? c.connection
  ORDER BY c.held_since LIMIT 1), (
  SELECT 'the lane of its key, which is ' || l.state FROM lanes l
  WHERE r.state = 'queued' AND l.tenant = r.tenant AND l.flow = r.flow AND l.lane_key = r.lane_key AND l.state <> 'open'
)) END`;

/** Columns of `runs r` that a summary shows. */
export const RUN_COLUMNS = `r.id, r.delivery_id, r.flow, r.flow_version, r.state, r.triggered, r.replay_no, r.replay_of,
  r.queued_at, r.started_at, r.ended_at, ${WAITING_FOR} AS waiting_for, r.note`;

export interface RunRow {
  id: string;
  delivery_id: string;
  flow: string;
  flow_version: number;
  state: RunState;
  triggered: boolean | null;
  replay_no: number;
  replay_of: string | null;
  queued_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  waiting_for: string | null;
  note: string | null;
}

export function toRunSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    deliveryId: row.delivery_id,
    flow: row.flow,
    flowVersion: row.flow_version,
    state: row.state,
    triggered: row.triggered,
    replayNo: row.replay_no,
    replayOf: row.replay_of,
    queuedAt: row.queued_at.toISOString(),
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    waitingFor: row.waiting_for,
    note: row.note,
  };
}

export function isoOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
