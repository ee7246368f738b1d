import { LEFT_BATCH } from '../dispatch.js';

/**
 * One statement, so one snapshot and one round trip. The sources with received deliveries are walked by index, so that
 * none waits behind another's backlog; each gets the same share. The lock of a source keeps two dispatchers from
 * planning it at once: the later part of its deliveries would become visible first, and a lane would lose its order.
 * A flow that is released while this runs is missed; its delivery then waits, and AWAKEN takes it up.
 */
export const PLAN = `
WITH RECURSIVE walk AS (
  (SELECT tenant, source, 1 AS n FROM inbox WHERE state = 'received' AND (tenant, source) > ($2, $3)
   ORDER BY tenant, source LIMIT 1)
  UNION ALL
  SELECT next.tenant, next.source, w.n + 1 FROM walk w, LATERAL (
    SELECT i.tenant, i.source FROM inbox i
    WHERE i.state = 'received' AND (i.tenant, i.source) > (w.tenant, w.source)
    ORDER BY i.tenant, i.source LIMIT 1) next
  WHERE w.n < $4
), share AS MATERIALIZED (
  SELECT tenant, source, greatest(1, $1 / count(*) OVER ())::int AS size FROM walk
), ours AS MATERIALIZED (
  SELECT * FROM share WHERE pg_try_advisory_xact_lock(hashtextextended('plan ' || tenant || '/' || source, 0))
), picked AS MATERIALIZED (
  SELECT p.* FROM ours o, LATERAL (
    SELECT id, tenant, source, delivery_key, position, order_keys FROM inbox
    WHERE state = 'received' AND tenant = o.tenant AND source = o.source
    ORDER BY position LIMIT o.size FOR UPDATE SKIP LOCKED) p
), listener AS MATERIALIZED (
  SELECT o.tenant, o.source, f.name AS flow, f.released_version AS version, v.sha256, v.order_by, v.order_sequence
  FROM ours o
  JOIN flows f ON f.tenant = o.tenant AND f.released_source = o.source AND f.released_version IS NOT NULL
  JOIN flow_versions v ON v.tenant = f.tenant AND v.flow = f.name AND v.version = f.released_version
), target AS (
  SELECT p.id, p.tenant, l.flow, l.version, l.sha256,
         delivery_workflow_id(p.tenant, p.source, p.delivery_key, l.flow) AS workflow_id, p.position,
         CASE WHEN l.order_by IS NOT NULL THEN coalesce(p.order_keys -> l.order_by ->> 'key', '-') END AS lane_key,
         CASE WHEN l.order_sequence IS NOT NULL
              THEN (p.order_keys -> l.order_by ->> 'sequence')::bigint END AS sequence
  FROM picked p JOIN listener l ON l.tenant = p.tenant AND l.source = p.source
), lane AS (
  INSERT INTO lanes (tenant, flow, lane_key, queue)
  SELECT DISTINCT tenant, flow, lane_key, concat_ws('/', tenant, flow, lane_key) FROM target WHERE lane_key IS NOT NULL
  ON CONFLICT DO NOTHING
), planned AS (
  INSERT INTO runs (tenant, delivery_id, flow, flow_version, flow_sha256, workflow_id, origin, queue, position, lane_key,
                    sequence)
  SELECT tenant, id, flow, version, sha256, workflow_id, workflow_id, concat_ws('/', tenant, flow, lane_key), position,
         lane_key, sequence FROM target
  ON CONFLICT DO NOTHING
), moved AS (
  UPDATE inbox i SET
    state = CASE WHEN p.heard THEN 'running' ELSE 'waiting' END,
    state_reason = CASE WHEN NOT p.heard THEN 'no released flow takes source ' || i.source END
  FROM (SELECT id, EXISTS (SELECT 1 FROM listener l WHERE l.tenant = picked.tenant AND l.source = picked.source) AS heard
        FROM picked) p
  WHERE i.id = p.id
  RETURNING i.id
)
SELECT (SELECT count(*) FROM moved)::int AS handled, (SELECT count(*) FROM walk)::int AS sources,
       (SELECT w.tenant FROM walk w ORDER BY n DESC LIMIT 1) AS tenant,
       (SELECT w.source FROM walk w ORDER BY n DESC LIMIT 1) AS source`;

/** A release wakes what waits for it; this is the net for a delivery that a plan parked beside the release. */
export const AWAKEN = `
UPDATE inbox i SET state = 'received', state_reason = NULL
WHERE i.id IN (
  SELECT w.id FROM flows f JOIN inbox w ON w.tenant = f.tenant AND w.source = f.released_source
  WHERE f.released_version IS NOT NULL AND w.state = 'waiting' LIMIT 1000 FOR UPDATE OF w SKIP LOCKED)
RETURNING i.id`;

/** Alias \`r\`. The claim of a dispatcher that died, and the delay of a failed start, end by themselves. */
export const FREE = `r.state = 'queued' AND (r.claimed_until IS NULL OR r.claimed_until < now())`;
/** Alias \`r\`. What was opened in a run of its own before may be in the middle of its steps. */
export const ALONE = `(r.replay_no > 0 OR r.note IS NOT DISTINCT FROM '${LEFT_BATCH}'
  OR (r.start_attempts > 0 AND r.opened_at IS NOT NULL))`;
/** Alias \`r\`. */
export const QUEUED_RUN = `
r.id AS "runId", r.tenant, r.delivery_id AS "deliveryId", r.flow, r.flow_version AS "flowVersion",
r.flow_sha256 AS "flowSha256", r.workflow_id AS "workflowId", r.origin, r.effect_nonce AS "effectNonce",
r.replay_of AS "replayOf", r.start_attempts AS "startAttempts"`;

/** A claim is free again when its time is over; each one counts, and the count fences the ones before. */
export const CLAIM = `
WITH free AS MATERIALIZED (
  SELECT f.id FROM unnest($2::text[], $3::int[], $4::boolean[]) AS q(queue, size, alone_only), LATERAL (
    SELECT r.id FROM runs r WHERE r.queue = q.queue AND ${FREE} AND (NOT q.alone_only OR ${ALONE})
    ORDER BY r.position LIMIT q.size FOR UPDATE SKIP LOCKED) f
)
UPDATE runs r SET claimed_by = $1, claimed_until = now() + make_interval(secs => $5),
                  start_attempts = r.start_attempts + 1
FROM free WHERE r.id = free.id
RETURNING ${QUEUED_RUN}`;

export const MARK_STARTED = `
UPDATE runs r SET state = 'started', temporal_run_id = coalesce(s.temporal_run_id, r.temporal_run_id),
                  started_at = now(), start_reason = NULL, claimed_until = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s(id, temporal_run_id, tenant)
WHERE r.id = s.id AND r.tenant = s.tenant AND r.state = 'queued'`;

export const RELEASE = `
UPDATE runs SET claimed_by = NULL, claimed_until = now() + make_interval(secs => $4), start_reason = $5
WHERE tenant = $1 AND id = $2 AND start_attempts = $3 AND state = 'queued'`;

/** The delivery of a run that is still ours to refuse. */
export const HELD = `
SELECT delivery_id FROM runs WHERE tenant = $1 AND id = $2 AND start_attempts = $3 AND state = 'queued'`;
