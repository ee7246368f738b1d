import type { DataSource } from 'typeorm';
import type { RunRef } from '@ecluse/contracts';
import type { RunWaits } from '../connection-states.js';
import { withTenant } from './sql-session.js';

const WAIT_FOR = `
UPDATE runs SET waiting_for = $3
WHERE tenant = $1 AND id = $2 AND state IN ('started', 'running') AND waiting_for IS DISTINCT FROM $3`;

/** Role `ecluse_worker`. */
export class PostgresRunWaits implements RunWaits {
  constructor(private readonly dataSource: DataSource) {}

  async waitFor(run: Pick<RunRef, 'tenant' | 'runId'>, reason: string | null): Promise<void> {
    await withTenant(this.dataSource, run.tenant, (sql) =>
      sql.rows(WAIT_FOR, [run.tenant, run.runId, reason]),
    );
  }
}
