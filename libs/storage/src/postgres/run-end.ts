import type { RunFailure, RunResult, RunState } from '@ecluse/contracts';
import { RUN_TRANSITIONS, statesBefore } from '../transitions.js';
import type { SqlSession } from './sql-session.js';

/** Run and dead letter in one statement; no row when the run is not in a state that may end so. */
const END = `
WITH ended AS (
  UPDATE runs SET state = $3, failure = $4::jsonb, triggered = coalesce($5, triggered), ended_at = now()
  WHERE tenant = $1 AND id = $2 AND state = ANY($6)
  RETURNING id, tenant, delivery_id
), letter AS (
  INSERT INTO dead_letters (tenant, delivery_id, run_id, step_id, code, outcome, reason)
  SELECT e.tenant, e.delivery_id, e.id, f."stepId", f.code, f.outcome, f.reason
  FROM ended e, jsonb_to_record($4::jsonb) AS f("stepId" text, code text, outcome text, reason text)
  WHERE $4::jsonb IS NOT NULL
)
SELECT id FROM ended`;

/** True when this call ended the run. The delivery's row must be locked. */
export async function endRun(
  sql: SqlSession,
  tenant: string,
  runId: string,
  result: RunResult,
): Promise<boolean> {
  const failure: RunFailure | null = result.state === 'dead_letter' ? result.failure : null;
  const triggered = result.state === 'succeeded' ? result.triggered : null;
  const before: RunState[] = statesBefore(RUN_TRANSITIONS, result.state);
  const json = failure === null ? null : JSON.stringify(failure);
  const ended = await sql.rows(END, [tenant, runId, result.state, json, triggered, before]);
  return ended.length > 0;
}
