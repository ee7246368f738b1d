import type { FlowOrder, LaneRef, LaneState, RunState } from '@ecluse/contracts';
import type { SequenceGap } from '@ecluse/flow-model';

/** Policy where the flow names none. */
export const DEFAULT_LANE_POLICY = 'park' satisfies FlowOrder['onFailure'];

/** Runs of a lane that have not ended; what `runs_lane_idx` holds. */
export const OPEN_LANE_RUNS = `r.lane_key IS NOT NULL AND r.state IN ('queued', 'started', 'running')`;

export interface LaneLookRow {
  state: LaneState;
  retry_at: string | null;
  last_sequence: string | null;
  now: string;
  earliest_elsewhere: string | null;
  policy: NonNullable<FlowOrder['onFailure']>;
  runs: Record<string, RunState> | null;
}

const milliseconds = (time: string): string => `trunc(extract(epoch FROM ${time}) * 1000)::bigint::text`;

/** $1 tenant, $2 flow, $3 lane key, $4 queue, $5 version of the head, $6 run ids. */
export const LOOK_AT_LANE = `
SELECT l.state, ${milliseconds('l.retry_at')} AS retry_at, l.last_sequence::text AS last_sequence,
       ${milliseconds('now()')} AS now,
       (SELECT r.position::text FROM runs r WHERE r.queue = $4 AND r.tenant = $1 AND ${OPEN_LANE_RUNS}
          AND r.id <> ALL ($6::uuid[])
        ORDER BY r.queue, r.position LIMIT 1) AS earliest_elsewhere,
       coalesce((SELECT v.definition #>> '{order,onFailure}' FROM flow_versions v
                 WHERE v.tenant = $1 AND v.flow = $2 AND v.version = $5), '${DEFAULT_LANE_POLICY}') AS policy,
       (SELECT jsonb_object_agg(r.id, r.state) FROM runs r WHERE r.tenant = $1 AND r.id = ANY($6::uuid[])) AS runs
FROM lanes l WHERE l.tenant = $1 AND l.flow = $2 AND l.lane_key = $3`;

/** A lane has a row from its first run on; this is for one whose row was made for another version of the flow. */
export const ENSURE_LANE = `
INSERT INTO lanes (tenant, flow, lane_key, queue) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;

export interface LockedLaneRow {
  state: LaneState;
  failures: number;
  head_run_id: string | null;
  last_sequence: string | null;
  gaps: SequenceGap[];
  row_version: number;
}
export const LOCK_LANE = `
SELECT state, failures, head_run_id, last_sequence::text AS last_sequence, gaps, row_version FROM lanes
WHERE tenant = $1 AND flow = $2 AND lane_key = $3 FOR UPDATE`;

/** Name of the lane's queue, as the dispatcher knows it. */
export function queueOfLane({ tenant, flow, laneKey }: LaneRef): string {
  return `${tenant}/${flow}/${laneKey}`;
}

/** Sequence numbers are safe integers: the door takes no others. */
export function sequenceOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
