import type { LaneRunView, LaneState, LaneSummary, LaneView } from '@ecluse/contracts';
import type { SequenceGap } from '@ecluse/flow-model';
import { OPEN_LANE_RUNS, sequenceOf } from './lane-rows.js';
import { isoOrNull } from './run-rows.js';

/** Runs counted for a lane's depth; beyond it the number says only that there are many. */
const MAX_DEPTH = 10_000;
/** Runs shown of a lane. */
const SHOWN_RUNS = 20;

export interface LaneRow {
  flow: string;
  lane_key: string;
  state: LaneState;
  reason: string | null;
  depth: number;
  head_run_id: string | null;
  failures: number;
  retry_at: Date | null;
  last_sequence: string | null;
  gaps: SequenceGap[];
  row_version: number;
  updated_at: Date;
}

const SELECT = `
SELECT l.flow, l.lane_key, l.state, l.reason, l.failures, l.retry_at, l.last_sequence::text AS last_sequence, l.gaps,
       l.row_version, l.updated_at,
       (SELECT count(*)::int FROM (
          SELECT 1 FROM runs r WHERE r.queue = l.queue AND r.tenant = l.tenant AND ${OPEN_LANE_RUNS}
          LIMIT ${MAX_DEPTH}) waiting) AS depth,
       coalesce(l.head_run_id, (
          SELECT r.id FROM runs r
          WHERE r.queue = l.queue AND r.tenant = l.tenant AND ${OPEN_LANE_RUNS} AND r.state = 'running'
          ORDER BY r.position LIMIT 1)) AS head_run_id
FROM lanes l WHERE l.tenant = $1`;
/** $2 state, $3 flow, $4 lane keys, $5 and $6 where the page starts, $7 rows wanted. */
export const LIST_LANES = `${SELECT}
  AND ($2::text IS NULL OR l.state = $2) AND ($3::text IS NULL OR l.flow = $3)
  AND ($4::text[] IS NULL OR l.lane_key = ANY($4::text[]))
  AND ($5::text IS NULL OR (l.flow, l.lane_key) > ($5, $6))
ORDER BY l.flow, l.lane_key LIMIT $7`;
export const FIND_LANE = `${SELECT} AND l.flow = $2 AND l.lane_key = $3`;

export interface LaneRunRow {
  id: string;
  delivery_id: string;
  state: LaneRunView['state'];
  sequence: string | null;
  queued_at: Date;
}
export const NEXT_RUNS = `
SELECT r.id, r.delivery_id, r.state, r.sequence::text AS sequence, r.queued_at
FROM lanes l JOIN runs r ON r.queue = l.queue AND r.tenant = l.tenant AND ${OPEN_LANE_RUNS}
WHERE l.tenant = $1 AND l.flow = $2 AND l.lane_key = $3 ORDER BY r.position LIMIT ${SHOWN_RUNS}`;
export const HEAD_LETTER = `
SELECT d.id FROM dead_letters d WHERE d.tenant = $1 AND d.run_id = $2 AND d.state = 'open'`;

export function toLaneSummary(row: LaneRow): LaneSummary {
  return {
    flow: row.flow,
    laneKey: row.lane_key,
    state: row.state,
    reason: row.reason,
    depth: row.depth,
    headRunId: row.head_run_id,
    failures: row.failures,
    retryAt: isoOrNull(row.retry_at),
    lastSequence: sequenceOf(row.last_sequence),
    gaps: row.gaps,
    version: row.row_version,
    updatedAt: row.updated_at.toISOString(),
  };
}

export function toLaneView(row: LaneRow, deadLetterId: string | null, runs: readonly LaneRunRow[]): LaneView {
  const next = runs.map((run) => ({
    runId: run.id,
    deliveryId: run.delivery_id,
    state: run.state,
    sequence: sequenceOf(run.sequence),
    queuedAt: run.queued_at.toISOString(),
  }));
  return { ...toLaneSummary(row), deadLetterId, next };
}
