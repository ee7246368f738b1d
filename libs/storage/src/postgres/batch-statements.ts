import { LEFT_BATCH } from '../dispatch.js';
import { INBOX_CHANNEL } from './pg-listener.js';

/** The lock of a batch: whoever opens, ends or closes it holds this row. */
export const LOCK_BATCH = 'SELECT state FROM batches WHERE tenant = $1 AND id = $2 FOR UPDATE';

export const OPEN_BATCH = `
UPDATE batches SET state = 'running', temporal_run_id = $3, opened_at = coalesce(opened_at, now())
WHERE tenant = $1 AND id = $2`;

/** Runs that wait for a worker. One that a person or the reconciler ended or took back no longer names the batch. */
export const OPEN_MEMBERS = `
UPDATE runs SET state = 'running', temporal_run_id = $3, opened_at = coalesce(opened_at, now()),
                started_at = coalesce(started_at, now())
WHERE tenant = $1 AND batch_id = $2 AND state IN ('queued', 'started', 'running')`;

export const MEMBERS = `
SELECT tenant, id AS "runId", delivery_id AS "deliveryId", flow, flow_version AS "flowVersion",
       flow_sha256 AS "flowSha256", origin, effect_nonce AS "effectNonce"
FROM runs WHERE tenant = $1 AND batch_id = $2 AND state = 'running' ORDER BY position, id`;

/** `claimed_until` is when the dispatcher may look again; nobody holds the claim. */
export const LEAVE = `
UPDATE runs r SET state = 'queued', batch_id = NULL, note = '${LEFT_BATCH}', start_reason = l.reason, claimed_by = NULL,
                  claimed_until = now() + l.pause * interval '1 millisecond', waiting_for = NULL
FROM jsonb_to_recordset($3::jsonb) AS l (id uuid, pause double precision, reason text)
WHERE r.tenant = $1 AND r.batch_id = $2 AND r.id = l.id AND r.state = 'running'`;
export const WAKE_DISPATCHER = `SELECT pg_notify('${INBOX_CHANNEL}', '')`;

export const WAIT_FOR = `
UPDATE runs SET waiting_for = $3
WHERE tenant = $1 AND batch_id = $2 AND state = 'running' AND waiting_for IS DISTINCT FROM $3`;

export const SAVE_OUTPUTS = `
INSERT INTO batch_outputs (tenant, batch_id, step_id, ciphertext, wrapped_key, key_name)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (batch_id, step_id) DO UPDATE SET
  ciphertext = excluded.ciphertext, wrapped_key = excluded.wrapped_key, key_name = excluded.key_name`;
export const OUTPUTS = `
SELECT step_id, ciphertext, wrapped_key, key_name FROM batch_outputs WHERE tenant = $1 AND batch_id = $2`;
export const REMOVE_OUTPUTS = 'DELETE FROM batch_outputs WHERE tenant = $1 AND batch_id = $2';
export const CLOSE_BATCH = `
UPDATE batches SET state = 'closed', closed_at = now() WHERE tenant = $1 AND id = $2 AND state <> 'closed'`;
