import type { RunRef, RunState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { OpenedRecord } from '../runs.js';
import { RUN_TRANSITIONS, isFinal, statesBefore } from '../transitions.js';
import type { SqlSession } from './sql-session.js';
import type { JournalKind } from './worker-journal.js';

/** One run to open. `batchId` fences: only the batch that holds the run may open it. */
export interface Opening {
  run: RunRef;
  temporalRunId: string;
  batchId?: string;
}

/**
 * A run that is running already (a worker died, a reset) keeps its first opening; one that ended stays ended. Rows are
 * locked in the order of their ids, so that two transactions never wait for each other.
 */
const OPEN = `
WITH held AS (
  SELECT r.id, wanted.temporal_run_id
  FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS wanted (id, temporal_run_id, batch_id)
  JOIN runs r ON r.id = wanted.id
  WHERE r.tenant = $1 AND (wanted.batch_id IS NULL OR r.batch_id = wanted.batch_id)
  ORDER BY r.id FOR NO KEY UPDATE OF r
)
UPDATE runs r SET state = 'running', temporal_run_id = held.temporal_run_id,
                  opened_at = coalesce(r.opened_at, now()), started_at = coalesce(r.started_at, now())
FROM held WHERE r.id = held.id AND (r.state = ANY($5) OR r.state = 'running')
RETURNING r.id, (
  SELECT jsonb_object_agg(made.step_id, made.attempts) FROM (
    SELECT a.step_id, max(a.attempt) AS attempts FROM step_attempts a WHERE a.run_id = r.id GROUP BY a.step_id
  ) made) AS attempts`;

const STATES = 'SELECT id, state FROM runs WHERE tenant = $1 AND id = ANY($2::uuid[])';

interface OpenedRow {
  id: string;
  attempts: Record<string, number> | null;
}

export const OPEN_RUNS: JournalKind<Opening, OpenedRecord> = {
  async execute(sql, tenant, openings) {
    const values = [
      openings.map(({ run }) => run.runId),
      openings.map(({ temporalRunId }) => temporalRunId),
      openings.map(({ batchId }) => batchId ?? null),
    ];
    const before = statesBefore(RUN_TRANSITIONS, 'running');
    const rows = await sql.rows<OpenedRow>(OPEN, [tenant, ...values, before]);
    const opened = new Map(rows.map(({ id, attempts }) => [id, attempts ?? {}]));
    const others = openings.map(({ run }) => run.runId).filter((id) => !opened.has(id));
    const states = others.length === 0 ? new Map<string, RunState>() : await statesOf(sql, tenant, others);
    return openings.map(({ run }) => {
      const attemptsMade = opened.get(run.runId);
      if (attemptsMade !== undefined) return { ended: false, attemptsMade };
      return notOpened(run, states.get(run.runId));
    });
  },
};

function notOpened(run: RunRef, state: RunState | undefined): OpenedRecord | EcluseError {
  if (state === undefined) return new EcluseError('NOT_FOUND', { detail: `run ${run.runId}` });
  if (isFinal(RUN_TRANSITIONS, state)) return { ended: true, attemptsMade: {} };
  return new EcluseError('STATE_CONFLICT', { detail: `run ${run.runId} no longer belongs to this batch` });
}

/** States of runs, by id; unknown ones are left out. */
export async function statesOf(
  sql: SqlSession,
  tenant: string,
  runIds: readonly string[],
): Promise<Map<string, RunState>> {
  const rows = await sql.rows<{ id: string; state: RunState }>(STATES, [tenant, runIds]);
  return new Map(rows.map(({ id, state }) => [id, state]));
}
