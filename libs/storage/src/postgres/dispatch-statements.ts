/**
 * One statement, so one snapshot and one round trip: picked deliveries are locked, a run is inserted per released
 * flow, and the delivery moves. A flow that is released while this runs is missed; its delivery then waits, and
 * `awake` takes it up with the next call.
 */
export const PLAN = `
WITH fresh AS (
  SELECT id, tenant, source, delivery_key, position, order_keys FROM inbox
  WHERE state = 'received' ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED
), awake AS (
  SELECT id, tenant, source, delivery_key, position, order_keys FROM inbox
  WHERE state = 'waiting' AND (tenant, source) IN (
    SELECT tenant, released_source FROM flows WHERE released_version IS NOT NULL)
  ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED
), picked AS (
  SELECT * FROM fresh UNION ALL SELECT * FROM awake ORDER BY position LIMIT $1
), target AS (
  SELECT p.id, p.tenant, f.name AS flow, f.released_version AS version, v.sha256,
         delivery_workflow_id(p.tenant, p.source, p.delivery_key, f.name) AS workflow_id, p.position,
         CASE WHEN v.order_by IS NOT NULL THEN coalesce(p.order_keys -> v.order_by ->> 'key', '-') END AS lane_key,
         (p.order_keys -> v.order_by ->> 'sequence')::bigint AS sequence
  FROM picked p
  JOIN flows f ON f.tenant = p.tenant AND f.released_source = p.source AND f.released_version IS NOT NULL
  JOIN flow_versions v ON v.tenant = f.tenant AND v.flow = f.name AND v.version = f.released_version
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
    state = CASE WHEN t.id IS NULL THEN 'waiting' ELSE 'running' END,
    state_reason = CASE WHEN t.id IS NULL THEN 'no released flow takes source ' || i.source END
  FROM picked p LEFT JOIN (SELECT DISTINCT id FROM target) t ON t.id = p.id
  WHERE i.id = p.id
  RETURNING i.id
)
SELECT count(*)::int AS handled FROM moved`;

/** A claim is free again when its time is over; each one counts, and the count fences the ones before. */
export const CLAIM = `
WITH free AS (
  SELECT id FROM runs
  WHERE state = 'queued' AND (claimed_until IS NULL OR claimed_until < now())
  ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE runs r SET claimed_by = $1, claimed_until = now() + make_interval(secs => $3),
                  start_attempts = r.start_attempts + 1
FROM free WHERE r.id = free.id
RETURNING r.id AS "runId", r.tenant, r.delivery_id AS "deliveryId", r.flow, r.flow_version AS "flowVersion",
          r.flow_sha256 AS "flowSha256", r.workflow_id AS "workflowId", r.origin, r.effect_nonce AS "effectNonce",
          r.replay_of AS "replayOf", r.start_attempts AS "startAttempts"`;

export const MARK_STARTED = `
UPDATE runs r SET state = 'started', temporal_run_id = coalesce(s.temporal_run_id, r.temporal_run_id),
                  started_at = now(), start_reason = NULL, claimed_until = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s(id, temporal_run_id, tenant)
WHERE r.id = s.id AND r.tenant = s.tenant AND r.state = ANY($4)`;

export const RELEASE = `
UPDATE runs SET claimed_by = NULL, claimed_until = now() + make_interval(secs => $4), start_reason = $5
WHERE tenant = $1 AND id = $2 AND start_attempts = $3 AND state = 'queued'`;

/** The delivery of a run that is still ours to refuse. */
export const HELD = `
SELECT delivery_id FROM runs WHERE tenant = $1 AND id = $2 AND start_attempts = $3 AND state = 'queued'`;
