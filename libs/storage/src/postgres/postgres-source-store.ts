import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { JsonObject, Page } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change, PageRequest, PutOptions, PutOutcome } from '../admin.js';
import type { SecretChange, SourceRecord, SourceStore } from '../admin-definitions.js';
import { checkVersion, maybeDry, writeAudit } from './change-transaction.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { SOURCES_CHANNEL } from './pg-listener.js';
import { withTenant, type SqlSession } from './sql-session.js';

/** Bytes of a path token: it names the source and should not be guessable, though it authenticates nothing. */
const TOKEN_BYTES = 24;

interface Row {
  name: string;
  token: string;
  spec: JsonObject;
  secret_ids: string[];
  row_version: number;
  updated_at: Date;
}

const COLUMNS = 'name, token, spec, secret_ids, row_version, updated_at';
const LIST = `SELECT ${COLUMNS} FROM sources WHERE tenant = $1 AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3`;
const FIND = `SELECT ${COLUMNS} FROM sources WHERE tenant = $1 AND name = $2`;
const LOCK = `SELECT ${COLUMNS}, spec = $3::jsonb AS same FROM sources WHERE tenant = $1 AND name = $2 FOR UPDATE`;
const CREATE = `
INSERT INTO sources (tenant, name, spec, token) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, name) DO NOTHING RETURNING ${COLUMNS}`;
const CHANGE = `
UPDATE sources SET spec = $3, row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND name = $2 RETURNING ${COLUMNS}`;
const ADD_SECRET = `
UPDATE sources SET secret_ids = (SELECT array_agg(DISTINCT id ORDER BY id) FROM unnest(secret_ids || $3::text) id),
                   row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND name = $2 RETURNING ${COLUMNS}`;
const REMOVE_SECRET = `
UPDATE sources SET secret_ids = array_remove(secret_ids, $3), row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND name = $2 AND $3 = ANY(secret_ids) RETURNING ${COLUMNS}`;
const NOTIFY = `SELECT pg_notify('${SOURCES_CHANNEL}', '')`;

/** Role `ecluse_admin_api`. */
export class PostgresSourceStore implements SourceStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, page: PageRequest): Promise<Page<SourceRecord>> {
    const start = pageStart(page, CURSOR_SHAPES.name);
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<Row>(LIST, [tenant, ...start, fetchLimit(page)]),
    );
    return pageOf(rows, page, (row) => [row.name], toRecord);
  }

  async find(tenant: string, name: string): Promise<SourceRecord | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) => sql.rows<Row>(FIND, [tenant, name]));
    return row === undefined ? undefined : toRecord(row);
  }

  async put(
    tenant: string,
    name: string,
    spec: JsonObject,
    options: PutOptions,
    change: Change,
  ): Promise<PutOutcome<SourceRecord>> {
    return withTenant(this.dataSource, tenant, (sql) =>
      maybeDry(sql, options, () => putSource(sql, tenant, name, JSON.stringify(spec), options, change)),
    );
  }

  async changeSecret(
    tenant: string,
    name: string,
    secret: SecretChange,
    change: Change,
  ): Promise<SourceRecord> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const statement = secret.kind === 'added' ? ADD_SECRET : REMOVE_SECRET;
      const [row] = await sql.rows<Row>(statement, [tenant, name, secret.secretId]);
      if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `source ${name} or its secret` });
      const entry = {
        resource: `source/${name}`,
        detail: { secretId: secret.secretId, version: row.row_version },
      };
      await writeAudit(sql, tenant, { ...entry, action: `source.secret-${secret.kind}` }, change);
      await sql.rows(NOTIFY);
      // Last: after it only the commit can fail.
      await secret.write();
      return toRecord(row);
    });
  }
}

async function putSource(
  sql: SqlSession,
  tenant: string,
  name: string,
  spec: string,
  options: PutOptions,
  change: Change,
): Promise<PutOutcome<SourceRecord>> {
  const [existing] = await sql.rows<Row & { same: boolean }>(LOCK, [tenant, name, spec]);
  checkVersion(existing?.row_version, options.expectedVersion);
  if (existing?.same === true) return { change: 'unchanged', record: toRecord(existing) };
  const [row] =
    existing === undefined
      ? await sql.rows<Row>(CREATE, [tenant, name, spec, randomBytes(TOKEN_BYTES).toString('base64url')])
      : await sql.rows<Row>(CHANGE, [tenant, name, spec]);
  if (row === undefined)
    throw new EcluseError('PRECONDITION_MISSING', { detail: 'it was created meanwhile' });
  const done = existing === undefined ? 'created' : 'changed';
  const detail = { version: row.row_version, spec: row.spec };
  await writeAudit(sql, tenant, { action: `source.${done}`, resource: `source/${name}`, detail }, change);
  await sql.rows(NOTIFY);
  return { change: done, record: toRecord(row) };
}

function toRecord(row: Row): SourceRecord {
  return {
    name: row.name,
    token: row.token,
    spec: row.spec,
    secretIds: row.secret_ids,
    version: row.row_version,
    updatedAt: row.updated_at.toISOString(),
  };
}
