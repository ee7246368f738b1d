import { INBOX_CHANNEL } from './pg-listener.js';
import type { SqlSession } from './sql-session.js';

const REOPEN = `
UPDATE lanes SET state = 'open', failures = 0, retry_at = NULL, reason = NULL, head_run_id = NULL,
                 row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND head_run_id = $2 AND state <> 'open' RETURNING lane_key`;

/** A lane that was stopped by this run goes on: the run was replaced, or given up. */
export async function reopenLane(sql: SqlSession, tenant: string, stoppedBy: string): Promise<void> {
  const reopened = await sql.rows(REOPEN, [tenant, stoppedBy]);
  if (reopened.length > 0) await sql.rows(`SELECT pg_notify('${INBOX_CHANNEL}', '')`);
}
