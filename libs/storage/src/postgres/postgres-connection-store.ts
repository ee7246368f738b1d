import type { DataSource } from 'typeorm';
import type { ConnectionView, JsonObject, Page } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change, PageRequest, PutOptions, PutOutcome } from '../admin.js';
import type { ConnectionStore, SecretChange } from '../admin-definitions.js';
import { checkVersion, maybeDry, writeAudit } from './change-transaction.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface Row {
  name: string;
  spec: JsonObject;
  row_version: number;
  updated_at: Date;
}

const COLUMNS = 'name, spec, row_version, updated_at';
const LIST = `SELECT ${COLUMNS} FROM connections WHERE tenant = $1 AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3`;
const FIND = `SELECT ${COLUMNS} FROM connections WHERE tenant = $1 AND name = $2`;
const LOCK = `SELECT ${COLUMNS}, spec = $3::jsonb AS same FROM connections WHERE tenant = $1 AND name = $2 FOR UPDATE`;
const CREATE = `
INSERT INTO connections (tenant, name, spec) VALUES ($1, $2, $3)
ON CONFLICT (tenant, name) DO NOTHING RETURNING ${COLUMNS}`;
const CHANGE = `
UPDATE connections SET spec = $3, row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND name = $2 RETURNING ${COLUMNS}`;

/** Role `ecluse_admin_api`. */
export class PostgresConnectionStore implements ConnectionStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, page: PageRequest): Promise<Page<ConnectionView>> {
    const start = pageStart(page, CURSOR_SHAPES.name);
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<Row>(LIST, [tenant, ...start, fetchLimit(page)]),
    );
    return pageOf(rows, page, (row) => [row.name], toView);
  }

  async find(tenant: string, name: string): Promise<ConnectionView | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) => sql.rows<Row>(FIND, [tenant, name]));
    return row === undefined ? undefined : toView(row);
  }

  async put(
    tenant: string,
    name: string,
    spec: JsonObject,
    options: PutOptions,
    change: Change,
  ): Promise<PutOutcome<ConnectionView>> {
    return withTenant(this.dataSource, tenant, (sql) =>
      maybeDry(sql, options, () => putConnection(sql, tenant, name, JSON.stringify(spec), options, change)),
    );
  }

  async changeSecret(tenant: string, name: string, secret: SecretChange, change: Change): Promise<void> {
    await withTenant(this.dataSource, tenant, async (sql) => {
      const known = await sql.rows(`${FIND} FOR UPDATE`, [tenant, name]);
      if (known.length === 0) throw new EcluseError('NOT_FOUND', { detail: `connection ${name}` });
      const entry = { resource: `connection/${name}`, detail: { secretId: secret.secretId } };
      await writeAudit(sql, tenant, { ...entry, action: `connection.secret-${secret.kind}` }, change);
      // Last: after it only the commit can fail.
      await secret.write();
    });
  }
}

async function putConnection(
  sql: SqlSession,
  tenant: string,
  name: string,
  spec: string,
  options: PutOptions,
  change: Change,
): Promise<PutOutcome<ConnectionView>> {
  const [existing] = await sql.rows<Row & { same: boolean }>(LOCK, [tenant, name, spec]);
  checkVersion(existing?.row_version, options.expectedVersion);
  if (existing?.same === true) return { change: 'unchanged', record: toView(existing) };
  const [row] = await sql.rows<Row>(existing === undefined ? CREATE : CHANGE, [tenant, name, spec]);
  if (row === undefined)
    throw new EcluseError('PRECONDITION_MISSING', { detail: 'it was created meanwhile' });
  const done = existing === undefined ? 'created' : 'changed';
  const detail = { version: row.row_version, spec: row.spec };
  await writeAudit(
    sql,
    tenant,
    { action: `connection.${done}`, resource: `connection/${name}`, detail },
    change,
  );
  return { change: done, record: toView(row) };
}

function toView(row: Row): ConnectionView {
  return {
    name: row.name,
    spec: row.spec,
    version: row.row_version,
    updatedAt: row.updated_at.toISOString(),
  };
}
