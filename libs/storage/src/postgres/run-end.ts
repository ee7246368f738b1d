import type { RunResult } from '@ecluse/contracts';
import type { SqlSession } from './sql-session.js';
import { RUN_TRANSITIONS, statesBefore } from '../transitions.js';

/** The end of one run. `batchId` fences: a run that no longer names this batch stays as it is. */
export interface RunEnd {
  runId: string;
  result: RunResult;
  batchId?: string;
}

/**
 * Runs and dead letters in one statement; no row for a run that is not in a state that may end so. The first of
 * several ends of one run counts.
 */
const END = `
WITH wanted AS (
  SELECT DISTINCT ON (w.id) w.id, w.state, w.failure, w.triggered, w.batch_id, w.before
  FROM unnest($2::uuid[], $3::text[], $4::jsonb[], $5::boolean[], $6::uuid[], $7::text[])
    WITH ORDINALITY AS w (id, state, failure, triggered, batch_id, before, place)
  ORDER BY w.id, w.place
), ended AS (
  UPDATE runs r SET state = w.state, failure = w.failure, triggered = coalesce(w.triggered, r.triggered),
                    ended_at = now(), waiting_for = NULL
  FROM wanted w
  WHERE r.tenant = $1 AND r.id = w.id AND r.state = ANY(string_to_array(w.before, ','))
    AND (w.batch_id IS NULL OR r.batch_id = w.batch_id)
  RETURNING r.id, r.tenant, r.delivery_id, r.failure
), letter AS (
  INSERT INTO dead_letters (tenant, delivery_id, run_id, step_id, code, outcome, reason)
  SELECT e.tenant, e.delivery_id, e.id, f."stepId", f.code, f.outcome, f.reason
  FROM ended e, jsonb_to_record(e.failure) AS f("stepId" text, code text, outcome text, reason text)
  WHERE e.failure IS NOT NULL
)
SELECT id FROM ended`;

/** Ids of the runs that this call ended. Their deliveries' rows must be locked. */
export async function endRuns(
  sql: SqlSession,
  tenant: string,
  ends: readonly RunEnd[],
): Promise<Set<string>> {
  if (ends.length === 0) return new Set();
  const columns = [
    ends.map(({ runId }) => runId),
    ends.map(({ result }) => result.state),
    ends.map(({ result }) => (result.state === 'dead_letter' ? JSON.stringify(result.failure) : null)),
    ends.map(({ result }) => (result.state === 'succeeded' ? result.triggered : null)),
    ends.map(({ batchId }) => batchId ?? null),
    ends.map(({ result }) => statesBefore(RUN_TRANSITIONS, result.state).join(',')),
  ];
  const ended = await sql.rows<{ id: string }>(END, [tenant, ...columns]);
  return new Set(ended.map(({ id }) => id));
}

/** True when this call ended the run. The delivery's row must be locked. */
export async function endRun(
  sql: SqlSession,
  tenant: string,
  runId: string,
  result: RunResult,
): Promise<boolean> {
  return (await endRuns(sql, tenant, [{ runId, result }])).has(runId);
}
