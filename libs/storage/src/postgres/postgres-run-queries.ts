import type { DataSource } from 'typeorm';
import type { AttemptView, EffectState, EffectView, Page, RunFailure, RunSummary } from '@ecluse/contracts';
import type { PageRequest } from '../admin.js';
import type { RunFilter, RunQueries, RunRecord } from '../admin-operations.js';
import {
  CURSOR_SHAPES,
  fetchLimit,
  fromMicroseconds,
  isUuid,
  microseconds,
  pageOf,
  pageStart,
} from './paging.js';
import { RUN_COLUMNS, isoOrNull, toRunSummary, type RunRow } from './run-rows.js';
import { withTenant } from './sql-session.js';

interface DetailRow extends RunRow {
  workflow_id: string;
  temporal_run_id: string | null;
  batch_id: string | null;
  executed_by: string;
  flow_sha256: string;
  failure: RunFailure | null;
  start_reason: string | null;
  requested_by: string | null;
}
interface AttemptRow {
  step_id: string;
  attempt: number;
  connection: string;
  operation: string;
  started_at: Date;
  ended_at: Date | null;
  outcome: string | null;
  code: string | null;
  reason: string | null;
  lease_ref: string | null;
  lease_user: string | null;
  lease_expires_at: Date | null;
}
interface EffectRow {
  step_id: string;
  idempotency_key: string;
  connection: string;
  operation: string;
  state: EffectState;
  reason: string | null;
  intended_at: Date;
  settled_at: Date | null;
}

const LIST = `
SELECT ${RUN_COLUMNS}, ${microseconds('r.queued_at')} AS at FROM runs r WHERE r.tenant = $1
  AND ($2::text IS NULL OR r.flow = $2) AND ($3::text IS NULL OR r.state = $3)
  AND ($4::uuid IS NULL OR r.delivery_id = $4)
  AND ($5::text IS NULL OR (r.queued_at, r.id) < (${fromMicroseconds('$5')}, $6::uuid))
ORDER BY r.queued_at DESC, r.id DESC LIMIT $7`;
const FIND = `
SELECT ${RUN_COLUMNS}, r.workflow_id, r.temporal_run_id, r.batch_id, r.flow_sha256,
       coalesce((SELECT b.workflow_id FROM batches b WHERE b.id = r.batch_id), r.workflow_id) AS executed_by,
       r.failure, r.start_reason, r.requested_by
FROM runs r WHERE r.tenant = $1 AND r.id = $2`;
const ATTEMPTS = `
SELECT step_id, attempt, connection, operation, started_at, ended_at, outcome, code, reason, lease_ref, lease_user,
       lease_expires_at
FROM step_attempts WHERE tenant = $1 AND run_id = $2 ORDER BY started_at, step_id, attempt`;
const EFFECTS = `
SELECT step_id, idempotency_key, connection, operation, state, reason, intended_at, settled_at
FROM effects WHERE tenant = $1 AND run_id = $2 ORDER BY intended_at, idempotency_key`;

/** Role `ecluse_admin_api`. */
export class PostgresRunQueries implements RunQueries {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: RunFilter, page: PageRequest): Promise<Page<RunSummary>> {
    const start = pageStart(page, CURSOR_SHAPES.timeAndId);
    if (filter.deliveryId !== undefined && !isUuid(filter.deliveryId)) return { items: [], nextCursor: null };
    const filters = [filter.flow ?? null, filter.state ?? null, filter.deliveryId ?? null];
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<RunRow & { at: string }>(LIST, [tenant, ...filters, ...start, fetchLimit(page)]),
    );
    return pageOf(rows, page, (row) => [row.at, row.id], toRunSummary);
  }

  async find(tenant: string, id: string): Promise<RunRecord | undefined> {
    if (!isUuid(id)) return undefined;
    return withTenant(this.dataSource, tenant, async (sql) => {
      const [row] = await sql.rows<DetailRow>(FIND, [tenant, id]);
      if (row === undefined) return undefined;
      const attempts = await sql.rows<AttemptRow>(ATTEMPTS, [tenant, id]);
      const effects = await sql.rows<EffectRow>(EFFECTS, [tenant, id]);
      return toRecord(row, attempts.map(toAttempt), effects.map(toEffect));
    });
  }
}

function toRecord(row: DetailRow, attempts: AttemptView[], effects: EffectView[]): RunRecord {
  return {
    ...toRunSummary(row),
    workflowId: row.workflow_id,
    temporalRunId: row.temporal_run_id,
    batchId: row.batch_id,
    executedBy: row.executed_by,
    flowSha256: row.flow_sha256,
    failure: row.failure,
    startReason: row.start_reason,
    requestedBy: row.requested_by,
    attempts,
    effects,
  };
}

function toAttempt(row: AttemptRow): AttemptView {
  return {
    stepId: row.step_id,
    attempt: row.attempt,
    connection: row.connection,
    operation: row.operation,
    startedAt: row.started_at.toISOString(),
    endedAt: isoOrNull(row.ended_at),
    outcome: row.outcome,
    code: row.code,
    reason: row.reason,
    leaseRef: row.lease_ref,
    leaseUser: row.lease_user,
    leaseExpiresAt: isoOrNull(row.lease_expires_at),
  };
}

function toEffect(row: EffectRow): EffectView {
  return {
    stepId: row.step_id,
    idempotencyKey: row.idempotency_key,
    connection: row.connection,
    operation: row.operation,
    state: row.state,
    reason: row.reason,
    intendedAt: row.intended_at.toISOString(),
    settledAt: isoOrNull(row.settled_at),
  };
}
