import type { DataSource } from 'typeorm';
import type { AttemptEnd, AttemptLog, AttemptRecord } from '../runs.js';
import { withTenant } from './sql-session.js';

/** The same number comes again only when Temporal resets a run: then the record is of the newer try. */
const BEGIN = `
INSERT INTO step_attempts (tenant, run_id, step_id, attempt, connection, operation)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (run_id, step_id, attempt) DO UPDATE SET
  started_at = now(), ended_at = NULL, outcome = NULL, code = NULL, reason = NULL, vendor_code = NULL,
  lease_ref = NULL, lease_expires_at = NULL, lease_user = NULL`;

const END = `
UPDATE step_attempts SET ended_at = now(), outcome = $5, code = $6, reason = $7, vendor_code = $8,
                         lease_ref = $9, lease_expires_at = $10, lease_user = $11
WHERE tenant = $1 AND run_id = $2 AND step_id = $3 AND attempt = $4`;

/** Role `ecluse_worker`. */
export class PostgresAttemptLog implements AttemptLog {
  constructor(private readonly dataSource: DataSource) {}

  async begin(record: AttemptRecord): Promise<void> {
    const values = [...keyOf(record), record.connection, record.operation];
    await withTenant(this.dataSource, record.run.tenant, (sql) => sql.rows(BEGIN, values));
  }

  async end(record: AttemptRecord, end: AttemptEnd): Promise<void> {
    const lease = [end.leaseRef, end.leaseExpiresAt, end.leaseUser];
    const values = [...keyOf(record), end.outcome, end.code, end.reason, end.vendorCode, ...lease];
    await withTenant(this.dataSource, record.run.tenant, (sql) => sql.rows(END, values));
  }
}

function keyOf(record: AttemptRecord): (string | number)[] {
  return [record.run.tenant, record.run.runId, record.stepId, record.attempt];
}
