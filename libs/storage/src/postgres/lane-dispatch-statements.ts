import { QUEUED_RUN } from './dispatch-statements.js';

/**
 * Locked rows are looked at again as they are by then, so two dispatchers never lease one lane. A lane without a row, as a
 * replay in a flow that became ordered meanwhile leaves it, gets one here and is leased by the next look.
 */
export const LEASE = `
WITH missing AS (
  INSERT INTO lanes (tenant, flow, lane_key, queue)
  SELECT h.tenant, h.flow, h.lane_key, q.queue FROM unnest($2::text[]) AS q(queue), LATERAL (
    SELECT r.tenant, r.flow, r.lane_key FROM runs r
    WHERE r.queue = q.queue AND r.state = 'queued' AND r.lane_key IS NOT NULL LIMIT 1) h
  WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.queue = q.queue)
  ON CONFLICT DO NOTHING
)
UPDATE lanes l SET claimed_by = $1, claimed_until = now() + make_interval(secs => $3), state = 'open',
                   retry_at = NULL, row_version = l.row_version + (l.state = 'blocked')::int
FROM (
  SELECT tenant, flow, lane_key FROM lanes
  WHERE queue = ANY($2::text[]) AND (claimed_until IS NULL OR claimed_until < now())
    AND (state = 'open' OR (state = 'blocked' AND (retry_at IS NULL OR retry_at <= now())))
  ORDER BY queue FOR UPDATE SKIP LOCKED) free
WHERE l.tenant = free.tenant AND l.flow = free.flow AND l.lane_key = free.lane_key
RETURNING l.queue`;

/** Read after the lease is committed, so that what the holder before marked is seen. */
export const LANE_RUNS = `
SELECT q.queue, p.*, EXISTS (
  SELECT 1 FROM runs o WHERE o.queue = q.queue AND o.state IN ('started', 'running')) AS outstanding
FROM unnest($1::text[], $2::int[]) AS q(queue, size), LATERAL (
  SELECT ${QUEUED_RUN}, r.lane_key AS "laneKey", r.position::text AS position, r.sequence::text AS sequence
  FROM runs r WHERE r.queue = q.queue AND r.state = 'queued' ORDER BY r.position LIMIT q.size) p`;

/**
 * The lane's row first: a worker that parks or blocks the lane holds it while it gives runs back. What it gave back
 * before this runs stays queued, what it gives back afterwards is \`started\` by then.
 */
export const HANDED_OVER = `
WITH lane AS MATERIALIZED (
  SELECT tenant, flow, lane_key, state FROM lanes WHERE queue = $1 AND claimed_by = $2 FOR UPDATE
), marked AS (
  UPDATE runs r SET state = 'started', temporal_run_id = $3, started_at = now(), start_reason = NULL,
                    claimed_by = NULL, claimed_until = NULL, start_attempts = r.start_attempts + 1
  WHERE r.id = ANY($4::uuid[]) AND r.state = 'queued' AND EXISTS (SELECT 1 FROM lane WHERE state = 'open')
)
UPDATE lanes l SET claimed_by = NULL, claimed_until = NULL FROM lane
WHERE l.tenant = lane.tenant AND l.flow = lane.flow AND l.lane_key = lane.lane_key`;

export const RELEASE_LANE = `
WITH head AS (UPDATE runs SET start_reason = $5 WHERE id = $4 AND state = 'queued')
UPDATE lanes SET claimed_by = NULL, claimed_until = now() + make_interval(secs => $3)
WHERE queue = $1 AND claimed_by = $2`;

/** As HANDED_OVER, the lane's row first. */
export const RECALL_LANE = `
WITH lane AS MATERIALIZED (
  SELECT tenant, flow, lane_key FROM lanes
  WHERE queue = $1 AND (claimed_by = $2 OR claimed_until IS NULL OR claimed_until < now()) FOR UPDATE
), back AS (
  UPDATE runs r SET state = 'queued', claimed_by = NULL, claimed_until = NULL, temporal_run_id = NULL,
                    waiting_for = NULL, start_reason = $3
  FROM lane WHERE r.queue = $1 AND r.state IN ('started', 'running')
  RETURNING r.id
), free AS (
  UPDATE lanes l SET claimed_by = NULL, claimed_until = NULL FROM lane
  WHERE l.tenant = lane.tenant AND l.flow = lane.flow AND l.lane_key = lane.lane_key
)
SELECT id FROM back`;
