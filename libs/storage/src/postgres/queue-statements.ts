import { ALONE, FREE } from './dispatch-statements.js';

/**
 * Walks the queues by index, one step per queue however long it is, and looks at a window of each: as many runs as one
 * batch or one round of own runs could take. So the cost depends on the number of queues with waiting runs alone.
 * A lane that is parked, blocked or leased shows no waiting run.
 */
export const QUEUES = `
WITH RECURSIVE walk AS (
  (SELECT r.queue, 1 AS n FROM runs r WHERE r.state = 'queued' AND r.queue > $1 ORDER BY r.queue LIMIT 1)
  UNION ALL
  SELECT next.queue, w.n + 1 FROM walk w, LATERAL (
    SELECT r.queue FROM runs r WHERE r.state = 'queued' AND r.queue > w.queue ORDER BY r.queue LIMIT 1) next
  WHERE w.n < $2
)
SELECT w.queue, h.lane_key AS "laneKey", v.version AS "headVersion", v.batch_max AS "batchMax",
       v.batch_within AS "batchWithinMs",
       CASE WHEN lane.busy THEN 0 ELSE coalesce(seen.waiting, 0) END AS waiting, coalesce(seen.alone, 0) AS alone,
       coalesce(seen.batchable, 0) AS batchable, coalesce(seen.oldest_ms, 0) AS "oldestMs", own.unopened,
       CASE WHEN due.at IS NOT NULL THEN greatest(1, ceil(extract(epoch FROM due.at - now()) * 1000))::int END AS "dueMs",
       batch.open AS "openBatches", batch.unopened AS "unopenedBatches", connection.state AS connection
FROM walk w
CROSS JOIN LATERAL (
  SELECT r.tenant, r.flow, r.flow_version, r.lane_key FROM runs r
  WHERE r.queue = w.queue AND r.state = 'queued' ORDER BY r.position LIMIT 1) h
JOIN flow_versions v ON v.tenant = h.tenant AND v.flow = h.flow AND v.version = h.flow_version
LEFT JOIN LATERAL (
  SELECT l.claimed_until > now() OR l.state = 'parked' OR (l.state = 'blocked' AND l.retry_at > now()) AS busy,
         l.state, greatest(l.claimed_until, CASE WHEN l.state = 'blocked' THEN l.retry_at END) AS free_at
  FROM lanes l WHERE l.queue = w.queue) lane ON true
CROSS JOIN LATERAL (
  SELECT count(*)::int AS waiting, (count(*) FILTER (WHERE x.alone))::int AS alone,
         (count(*) FILTER (WHERE NOT x.alone AND x.flow_version = v.version))::int AS batchable,
         (extract(epoch FROM now() - min(x.queued_at)) * 1000)::int AS oldest_ms
  FROM (SELECT r.flow_version, r.queued_at, ${ALONE} AS alone FROM runs r WHERE r.queue = w.queue AND ${FREE}
        ORDER BY r.position LIMIT greatest(v.batch_max, $3)) x) seen
CROSS JOIN LATERAL (
  SELECT min(x.claimed_until) AS free_at FROM (
    SELECT r.claimed_until FROM runs r WHERE r.queue = w.queue AND r.state = 'queued' AND seen.waiting = 0
    ORDER BY r.position LIMIT $3) x) pause
CROSS JOIN LATERAL (
  SELECT CASE WHEN lane.state = 'parked' THEN NULL WHEN lane.busy THEN lane.free_at ELSE pause.free_at END AS at) due
CROSS JOIN LATERAL (
  SELECT count(*)::int AS unopened FROM (
    SELECT 1 FROM runs r WHERE r.queue = w.queue AND r.state = 'started' AND r.batch_id IS NULL LIMIT $3) x) own
CROSS JOIN LATERAL (
  SELECT count(*)::int AS open, (count(*) FILTER (WHERE b.state <> 'running'))::int AS unopened
  FROM batches b WHERE b.queue = w.queue AND b.state <> 'closed') batch
CROSS JOIN LATERAL (
  SELECT CASE WHEN bool_or(c.state = 'paused' OR c.open_until > now()) THEN 'held'
              WHEN count(*) > 0 THEN 'probe' ELSE 'free' END AS state
  FROM connection_states c
  WHERE c.tenant = v.tenant AND c.state <> 'closed' AND v.connections ? c.connection) connection
ORDER BY w.queue`;

const FORMED_BATCH = `
b.id AS "batchId", b.tenant, b.flow, b.flow_version AS "flowVersion", b.flow_sha256 AS "flowSha256",
b.workflow_id AS "workflowId", b.size`;

/** The members are locked, named and counted in one statement, so that a batch is whole or does not exist. */
export const FORM = `
WITH quota AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) AS q(batch_id, queue, version, size)
), picked AS MATERIALIZED (
  SELECT q.batch_id, p.* FROM quota q, LATERAL (
    SELECT r.id, r.tenant, r.flow, r.flow_version, r.flow_sha256, r.queue, r.position, r.delivery_id FROM runs r
    WHERE r.queue = q.queue AND ${FREE} AND NOT ${ALONE} AND r.flow_version = q.version
    ORDER BY r.position LIMIT q.size FOR UPDATE SKIP LOCKED) p
), member AS (
  SELECT * FROM (
    SELECT p.*, sum(i.body_bytes) OVER (PARTITION BY p.batch_id ORDER BY p.position) AS bytes,
           row_number() OVER (PARTITION BY p.batch_id ORDER BY p.position) AS n
    FROM picked p JOIN inbox i ON i.id = p.delivery_id) sized
  WHERE n = 1 OR bytes <= $5
), formed AS (
  INSERT INTO batches AS b (id, tenant, flow, flow_version, flow_sha256, queue, workflow_id, size)
  SELECT batch_id, min(tenant), min(flow), min(flow_version), min(flow_sha256), min(queue),
         'batch:' || min(tenant) || ':' || batch_id, count(*) FROM member GROUP BY batch_id
  RETURNING ${FORMED_BATCH}
), moved AS (
  UPDATE runs r SET state = 'started', started_at = now(), batch_id = m.batch_id, claimed_by = NULL,
                    claimed_until = NULL, start_reason = NULL
  FROM member m WHERE r.id = m.id
)
SELECT * FROM formed`;

export const TAKE_OVER = `
UPDATE batches b SET formed_at = now() FROM (
  SELECT id FROM batches WHERE state = 'formed' AND formed_at < now() - make_interval(secs => $1)
  ORDER BY formed_at LIMIT $2 FOR UPDATE SKIP LOCKED) late
WHERE b.id = late.id
RETURNING ${FORMED_BATCH}`;

export const MARK_BATCH_STARTED = `
UPDATE batches b SET state = CASE WHEN b.state = 'formed' THEN 'started' ELSE b.state END,
                     temporal_run_id = coalesce(s.temporal_run_id, b.temporal_run_id)
FROM unnest($1::uuid[], $2::text[]) AS s(id, temporal_run_id)
WHERE b.id = s.id`;

export const POSTPONE = `
UPDATE batches SET formed_at = now() + make_interval(secs => $2) - make_interval(secs => $3)
WHERE id = $1 AND state = 'formed'`;

/** Members that ended keep their end, and the batch that they ran in. */
export const DISSOLVE = `
WITH closed AS (
  UPDATE batches SET state = 'closed', closed_at = coalesce(closed_at, now()) WHERE id = ANY($1::uuid[])
)
UPDATE runs SET state = 'queued', batch_id = NULL, note = $2, claimed_by = NULL, claimed_until = NULL,
                temporal_run_id = NULL, waiting_for = NULL
WHERE batch_id = ANY($1::uuid[]) AND state IN ('started', 'running')
RETURNING id`;
