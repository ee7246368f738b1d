import type { DataSource } from 'typeorm';
import type { FlowDefinition, FlowVersionView, FlowView, Page, ReleaseView } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change, PageRequest, PutOptions } from '../admin.js';
import type {
  FlowPublication,
  FlowStore,
  PublishOutcome,
  ReleaseOrder,
  RollbackOrder,
} from '../admin-definitions.js';
import { checkVersion, maybeDry, writeAudit } from './change-transaction.js';
import { lockFlow, pointFlow, rollbackTarget, toReleaseView, type ReleaseRow } from './flow-release.js';
import {
  ADD_VERSION,
  CREATE_FLOW,
  FIND_CONTENT,
  FIND_FLOW,
  FIND_VERSION,
  LIST_FLOWS,
  LIST_RELEASES,
  LIST_VERSIONS,
  LOCK_FLOW,
  TOUCH_FLOW,
} from './flow-statements.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { SOURCES_CHANNEL } from './pg-listener.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface FlowRow {
  name: string;
  released_version: number | null;
  latest_version: number;
  source: string;
  row_version: number;
}
interface VersionRow {
  flow: string;
  version: number;
  sha256: string;
  definition: FlowDefinition;
  created_at: Date;
  created_by: string;
}

/** Role `ecluse_admin_api`. */
export class PostgresFlowStore implements FlowStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, page: PageRequest): Promise<Page<FlowView>> {
    const values = [tenant, ...pageStart(page, CURSOR_SHAPES.name), fetchLimit(page)];
    const rows = await withTenant(this.dataSource, tenant, (sql) => sql.rows<FlowRow>(LIST_FLOWS, values));
    return pageOf(rows, page, (row) => [row.name], toFlowView);
  }

  async find(tenant: string, name: string): Promise<FlowView | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<FlowRow>(FIND_FLOW, [tenant, name]),
    );
    return row === undefined ? undefined : toFlowView(row);
  }

  async publish(
    tenant: string,
    name: string,
    publication: FlowPublication,
    options: PutOptions,
    change: Change,
  ): Promise<PublishOutcome> {
    return withTenant(this.dataSource, tenant, (sql) =>
      maybeDry(sql, options, async () => {
        const published = await publishVersion(sql, tenant, name, publication, options, change);
        const [row] = await sql.rows<FlowRow>(FIND_FLOW, [tenant, name]);
        if (row === undefined) throw new EcluseError('INTERNAL', { detail: 'a published flow is not there' });
        return { ...published, flow: toFlowView(row) };
      }),
    );
  }

  async versions(tenant: string, flow: string, page: PageRequest): Promise<Page<FlowVersionView>> {
    const values = [tenant, flow, ...pageStart(page, CURSOR_SHAPES.number), fetchLimit(page)];
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<VersionRow>(LIST_VERSIONS, values),
    );
    return pageOf(rows, page, (row) => [row.version], toVersionView);
  }

  async version(tenant: string, flow: string, version: number): Promise<FlowVersionView | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<VersionRow>(FIND_VERSION, [tenant, flow, version]),
    );
    return row === undefined ? undefined : toVersionView(row);
  }

  async release(tenant: string, flow: string, order: ReleaseOrder, change: Change): Promise<ReleaseView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const current = await lockFlow(sql, tenant, flow);
      return pointFlow(sql, { tenant, flow, kind: 'release', ...order }, current, change);
    });
  }

  async rollback(tenant: string, flow: string, order: RollbackOrder, change: Change): Promise<ReleaseView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const current = await lockFlow(sql, tenant, flow);
      const version = await rollbackTarget(sql, tenant, flow, order, current);
      return pointFlow(
        sql,
        { tenant, flow, kind: 'rollback', version, reason: order.reason },
        current,
        change,
      );
    });
  }

  async releases(tenant: string, flow: string, page: PageRequest): Promise<Page<ReleaseView>> {
    const values = [tenant, flow, ...pageStart(page, CURSOR_SHAPES.number), fetchLimit(page)];
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<ReleaseRow>(LIST_RELEASES, values),
    );
    return pageOf(rows, page, (row) => [row.id], toReleaseView);
  }
}

async function publishVersion(
  sql: SqlSession,
  tenant: string,
  name: string,
  publication: FlowPublication,
  options: PutOptions,
  change: Change,
): Promise<Omit<PublishOutcome, 'flow'>> {
  const [existing] = await sql.rows<{ row_version: number }>(LOCK_FLOW, [tenant, name]);
  checkVersion(existing?.row_version, options.expectedVersion);
  const { definition, sha256 } = publication;
  if (existing === undefined) {
    const created = await sql.rows(CREATE_FLOW, [tenant, name]);
    if (created.length === 0)
      throw new EcluseError('PRECONDITION_MISSING', { detail: 'it was created meanwhile' });
  } else {
    const [same] = await sql.rows<{ version: number }>(FIND_CONTENT, [tenant, name, sha256]);
    if (same !== undefined) return { change: 'unchanged', version: same.version };
    await sql.rows(TOUCH_FLOW, [tenant, name]);
  }
  const values = [tenant, name, sha256, JSON.stringify(definition), change.actor];
  const [added] = await sql.rows<{ version: number }>(ADD_VERSION, values);
  if (added === undefined) throw new EcluseError('INTERNAL', { detail: 'a flow version was not stored' });
  const entry = {
    action: 'flow.published',
    resource: `flow/${name}`,
    detail: { version: added.version, sha256 },
  };
  await writeAudit(sql, tenant, entry, change);
  // The door orders by what a flow names from its publication on, before the first delivery of its release.
  await sql.rows(`SELECT pg_notify('${SOURCES_CHANNEL}', '')`);
  return { change: existing === undefined ? 'created' : 'changed', version: added.version };
}

function toFlowView(row: FlowRow): FlowView {
  return {
    name: row.name,
    releasedVersion: row.released_version,
    latestVersion: row.latest_version,
    source: row.source,
    version: row.row_version,
  };
}

function toVersionView(row: VersionRow): FlowVersionView {
  const { created_at, created_by, ...version } = row;
  return { ...version, createdAt: created_at.toISOString(), createdBy: created_by };
}
