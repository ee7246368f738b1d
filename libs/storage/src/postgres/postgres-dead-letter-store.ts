import type { DataSource } from 'typeorm';
import type { DeadLetterView, Page, RunSummary } from '@ecluse/contracts';
import type { Change, PageRequest } from '../admin.js';
import type { DeadLetterDecision, DeadLetterFilter, DeadLetterStore } from '../admin-operations.js';
import { writeAudit } from './change-transaction.js';
import { FIND_LETTER, LIST_LETTERS, toDeadLetterView, type DeadLetterRow } from './dead-letter-rows.js';
import { CURSOR_SHAPES, fetchLimit, isUuid, pageOf, pageStart } from './paging.js';
import { discardLetter, retryLetter } from './settle-letter.js';
import { withTenant } from './sql-session.js';

/** Role `ecluse_admin_api`. */
export class PostgresDeadLetterStore implements DeadLetterStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetterView>> {
    const values = [
      tenant,
      filter.state ?? null,
      ...pageStart(page, CURSOR_SHAPES.timeAndId),
      fetchLimit(page),
    ];
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<DeadLetterRow>(LIST_LETTERS, values),
    );
    return pageOf(rows, page, (row) => [row.at, row.id], toDeadLetterView);
  }

  async find(tenant: string, id: string): Promise<DeadLetterView | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]),
    );
    return row === undefined ? undefined : toDeadLetterView(row);
  }

  async retry(tenant: string, id: string, decision: DeadLetterDecision, change: Change): Promise<RunSummary> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const run = await retryLetter(sql, tenant, id, decision, change);
      const detail = { runId: run.id, flowVersion: run.flowVersion, reason: decision.reason };
      const entry = { action: 'dead-letter.retried', resource: `dead-letter/${id}`, detail };
      await writeAudit(sql, tenant, entry, change);
      return run;
    });
  }

  async discard(
    tenant: string,
    id: string,
    decision: DeadLetterDecision & { reason: string },
    change: Change,
  ): Promise<DeadLetterView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const { letter, state } = await discardLetter(sql, tenant, id, decision, change);
      const detail = { deliveryId: letter.delivery_id, deliveryState: state, reason: decision.reason };
      const entry = { action: 'dead-letter.discarded', resource: `dead-letter/${id}`, detail };
      await writeAudit(sql, tenant, entry, change);
      const [row] = await sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]);
      return toDeadLetterView(row ?? letter);
    });
  }
}
