import type { RunState, RunSummary } from '@ecluse/contracts';

/** Columns of `runs r` that a summary shows. */
export const RUN_COLUMNS = `r.id, r.delivery_id, r.flow, r.flow_version, r.state, r.triggered, r.replay_no, r.replay_of,
  r.queued_at, r.started_at, r.ended_at`;

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
  };
}

export function isoOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
