import type { DataSource } from 'typeorm';
import { ERRORS } from '@ecluse/errors';
import type { ReconcileStore, RunCursor, UnsettledBatch, UnsettledRun } from '../reconcile.js';
import { deriveDeliveryState, lockDelivery } from './delivery-state.js';
import { endRun } from './run-end.js';
import { inTransaction, single } from './sql-session.js';

const UNSETTLED_RUNS = `
SELECT r.id AS "runId", r.tenant, r.delivery_id AS "deliveryId", r.flow, r.queue, r.lane_key AS "laneKey",
       r.workflow_id AS "workflowId", r.start_attempts AS "startAttempts", r.temporal_run_id AS "temporalRunId",
       r.batch_id AS "batchId", r.started_at::text AS "startedAt"
FROM runs r LEFT JOIN batches b ON b.id = r.batch_id
WHERE r.state IN ('started', 'running') AND r.started_at < now() - make_interval(secs => $1)
  AND (b.id IS NULL OR b.state = 'closed')
  AND (r.started_at, r.id) > ($2::timestamptz, $3::uuid)
ORDER BY r.started_at, r.id LIMIT $4`;
const UNSETTLED_BATCHES = `
SELECT id AS "batchId", tenant, workflow_id AS "workflowId" FROM batches
WHERE state IN ('started', 'running') AND formed_at < now() - make_interval(secs => $1) AND id > $2::uuid
ORDER BY id LIMIT $3`;
const FENCE = `
r.state IN ('started', 'running') AND r.batch_id IS NULL AND r.start_attempts = s.start_attempts
AND r.temporal_run_id IS NOT DISTINCT FROM s.temporal_run_id`;
const REQUEUE = `
UPDATE runs r SET state = 'queued', claimed_by = NULL, claimed_until = NULL, temporal_run_id = NULL,
                  waiting_for = NULL, start_reason = $4
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS s(id, start_attempts, temporal_run_id)
WHERE r.id = s.id AND ${FENCE}
RETURNING r.id`;
const STILL = `
SELECT r.id FROM runs r, (SELECT $2::int AS start_attempts, $3::text AS temporal_run_id) s
WHERE r.id = $1 AND ${FENCE} FOR UPDATE OF r`;

/** Before any run or batch. */
const BEGINNING = { startedAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** Role `ecluse_dispatcher`. */
export class PostgresReconcileStore implements ReconcileStore {
  constructor(private readonly dataSource: DataSource) {}

  async unsettledRuns(
    olderThanSeconds: number,
    after: RunCursor | null,
    limit: number,
  ): Promise<UnsettledRun[]> {
    const { startedAt, runId } = after ?? { startedAt: BEGINNING.startedAt, runId: BEGINNING.id };
    const values = [olderThanSeconds, startedAt, runId, limit];
    return single<UnsettledRun>(this.dataSource, UNSETTLED_RUNS, values);
  }

  async unsettledBatches(
    olderThanSeconds: number,
    after: string | null,
    limit: number,
  ): Promise<UnsettledBatch[]> {
    const values = [olderThanSeconds, after ?? BEGINNING.id, limit];
    return single<UnsettledBatch>(this.dataSource, UNSETTLED_BATCHES, values);
  }

  async requeue(runs: readonly UnsettledRun[], reason: string): Promise<number> {
    if (runs.length === 0) return 0;
    const requeued = await single(this.dataSource, REQUEUE, [
      runs.map(({ runId }) => runId),
      runs.map(({ startAttempts }) => startAttempts),
      runs.map(({ temporalRunId }) => temporalRunId),
      reason,
    ]);
    return requeued.length;
  }

  async endUnrecorded(run: UnsettledRun, reason: string): Promise<boolean> {
    const failure = { stepId: null, code: ERRORS.RUN_ENDED_UNRECORDED.code, outcome: null, reason };
    return inTransaction(this.dataSource, async (sql) => {
      const delivery = await lockDelivery(sql, run.tenant, run.deliveryId);
      const still = await sql.rows(STILL, [run.runId, run.startAttempts, run.temporalRunId]);
      if (still.length === 0) return false;
      const ended = await endRun(sql, run.tenant, run.runId, { state: 'dead_letter', failure });
      if (ended) await deriveDeliveryState(sql, delivery);
      return ended;
    });
  }
}
