import type { DataSource } from 'typeorm';
import type { AuditView, JsonValue, Page } from '@ecluse/contracts';
import type { AuditEntry, AuditFilter, AuditLog } from '../admin-access.js';
import type { Change, PageRequest } from '../admin.js';
import { writeAudit } from './change-transaction.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { withTenant } from './sql-session.js';

interface Row {
  id: string;
  at: Date;
  actor: string;
  action: string;
  resource: string;
  detail: Record<string, JsonValue>;
  request_id: string | null;
}

const LIST = `
SELECT id::text, at, actor, action, resource, detail, request_id FROM audit WHERE tenant = $1
  AND ($2::text IS NULL OR resource = $2) AND ($3::text IS NULL OR action = $3)
  AND ($4::bigint IS NULL OR id < $4)
ORDER BY audit.id DESC LIMIT $5`;

/** Role `ecluse_admin_api`. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: AuditFilter, page: PageRequest): Promise<Page<AuditView>> {
    const start = pageStart(page, CURSOR_SHAPES.number);
    const values = [tenant, filter.resource ?? null, filter.action ?? null, ...start, fetchLimit(page)];
    const rows = await withTenant(this.dataSource, tenant, (sql) => sql.rows<Row>(LIST, values));
    return pageOf(rows, page, (row) => [row.id], toView);
  }

  async record(tenant: string, entry: AuditEntry, change: Change): Promise<void> {
    await withTenant(this.dataSource, tenant, (sql) => writeAudit(sql, tenant, entry, change));
  }
}

function toView(row: Row): AuditView {
  const { request_id: requestId, at, ...rest } = row;
  return { ...rest, at: at.toISOString(), requestId };
}
