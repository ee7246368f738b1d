import type { DataSource } from 'typeorm';
import type { DeliveryState, DeliveryView, Page, RunSummary } from '@ecluse/contracts';
import type { PageRequest } from '../admin.js';
import type { DeliveryFilter, DeliveryQueries } from '../admin-operations.js';
import {
  CURSOR_SHAPES,
  fetchLimit,
  fromMicroseconds,
  isUuid,
  microseconds,
  pageOf,
  pageStart,
} from './paging.js';
import { RUN_COLUMNS, toRunSummary, type RunRow } from './run-rows.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface Row {
  id: string;
  source: string;
  delivery_key: string;
  state: DeliveryState;
  state_reason: string | null;
  body_bytes: number;
  content_type: string;
  secret_id: string;
  received_at: Date;
  at: string;
}

const SELECT = `
SELECT i.id, i.source, i.delivery_key, i.state, i.state_reason, i.body_bytes, i.content_type, i.secret_id,
       i.received_at, ${microseconds('i.received_at')} AS at
FROM inbox i WHERE i.tenant = $1`;
const LIST = `${SELECT}
  AND ($2::text IS NULL OR i.state = $2) AND ($3::text IS NULL OR i.source = $3)
  AND ($4::text IS NULL OR (i.received_at, i.id) < (${fromMicroseconds('$4')}, $5::uuid))
ORDER BY i.received_at DESC, i.id DESC LIMIT $6`;
const FIND = `${SELECT} AND i.id = $2`;
const RUNS = `
SELECT ${RUN_COLUMNS} FROM runs r WHERE r.tenant = $1 AND r.delivery_id = ANY($2) ORDER BY r.queued_at, r.id`;

/** Role `ecluse_admin_api`. */
export class PostgresDeliveryQueries implements DeliveryQueries {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryView>> {
    const start = pageStart(page, CURSOR_SHAPES.timeAndId);
    const values = [tenant, filter.state ?? null, filter.source ?? null, ...start, fetchLimit(page)];
    return withTenant(this.dataSource, tenant, async (sql) => {
      const rows = await sql.rows<Row>(LIST, values);
      const runs = await runsOf(sql, tenant, rows);
      return pageOf(
        rows,
        page,
        (row) => [row.at, row.id],
        (row) => toView(row, runs),
      );
    });
  }

  async find(tenant: string, id: string): Promise<DeliveryView | undefined> {
    if (!isUuid(id)) return undefined;
    return withTenant(this.dataSource, tenant, async (sql) => {
      const [row] = await sql.rows<Row>(FIND, [tenant, id]);
      return row === undefined ? undefined : toView(row, await runsOf(sql, tenant, [row]));
    });
  }
}

async function runsOf(
  sql: SqlSession,
  tenant: string,
  deliveries: Row[],
): Promise<Map<string, RunSummary[]>> {
  const runs = await sql.rows<RunRow>(RUNS, [tenant, deliveries.map((row) => row.id)]);
  return Map.groupBy(runs.map(toRunSummary), (run) => run.deliveryId);
}

function toView(row: Row, runs: Map<string, RunSummary[]>): DeliveryView {
  return {
    id: row.id,
    source: row.source,
    key: row.delivery_key,
    state: row.state,
    stateReason: row.state_reason,
    bodyBytes: row.body_bytes,
    contentType: row.content_type,
    secretId: row.secret_id,
    receivedAt: row.received_at.toISOString(),
    runs: runs.get(row.id) ?? [],
  };
}
