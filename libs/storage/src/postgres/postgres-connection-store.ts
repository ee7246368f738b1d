import type { DataSource } from 'typeorm';
import type { CircuitState, ConnectionView, JsonObject, Page } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change, PageRequest, PutOptions, PutOutcome } from '../admin.js';
import type { ConnectionStore, SecretChange } from '../admin-definitions.js';
import { checkVersion, maybeDry, writeAudit } from './change-transaction.js';
import { NOTIFY_DISPATCHER, NOTIFY_HOLDS } from './connection-state-rows.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { isoOrNull } from './run-rows.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface Row {
  name: string;
  spec: JsonObject;
  row_version: number;
  updated_at: Date;
}
interface ViewRow extends Row {
  state: CircuitState | null;
  reason: string | null;
  held_since: Date | null;
  open_until: Date | null;
  changed_by: string | null;
}

const COLUMNS = 'name, spec, row_version, updated_at';
const VIEW = `
SELECT d.name, d.spec, d.row_version, d.updated_at, s.state, s.reason, s.held_since, s.open_until, s.changed_by
FROM connections d LEFT JOIN connection_states s ON s.tenant = d.tenant AND s.connection = d.name
WHERE d.tenant = $1`;
const LIST = `${VIEW} AND ($2::text IS NULL OR d.name > $2) ORDER BY d.name LIMIT $3`;
const FIND = `${VIEW} AND d.name = $2`;
const KNOWN = 'SELECT name FROM connections WHERE tenant = $1 AND name = $2 FOR UPDATE';
const LOCK = `SELECT ${COLUMNS}, spec = $3::jsonb AS same FROM connections WHERE tenant = $1 AND name = $2 FOR UPDATE`;
const CREATE = `
INSERT INTO connections (tenant, name, spec) VALUES ($1, $2, $3)
ON CONFLICT (tenant, name) DO NOTHING RETURNING ${COLUMNS}`;
const CHANGE = `
UPDATE connections SET spec = $3, row_version = row_version + 1, updated_at = now()
WHERE tenant = $1 AND name = $2 RETURNING ${COLUMNS}`;
const PAUSE = `
INSERT INTO connection_states (tenant, connection, state, reason, changed_by, held_since)
VALUES ($1, $2, 'paused', $3, $4, now())
ON CONFLICT (tenant, connection) DO UPDATE SET state = 'paused', reason = $3, changed_by = $4, held_since = now(),
  open_until = NULL, updated_at = now(), row_version = connection_states.row_version + 1
WHERE connection_states.state <> 'paused' RETURNING connection`;
/** `openings` stays: a circuit that was open is on trial until a call succeeds. */
const RESUME = `
UPDATE connection_states SET state = 'closed', reason = NULL, failures = 0, changed_by = $3, held_since = NULL,
  open_until = NULL, updated_at = now(), row_version = row_version + 1
WHERE tenant = $1 AND connection = $2 AND state <> 'closed' RETURNING connection`;
const NOTIFY = `SELECT ${NOTIFY_HOLDS}, ${NOTIFY_DISPATCHER}`;

/** Role `ecluse_admin_api`. */
export class PostgresConnectionStore implements ConnectionStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, page: PageRequest): Promise<Page<ConnectionView>> {
    const start = pageStart(page, CURSOR_SHAPES.name);
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<ViewRow>(LIST, [tenant, ...start, fetchLimit(page)]),
    );
    return pageOf(rows, page, (row) => [row.name], toView);
  }

  async find(tenant: string, name: string): Promise<ConnectionView | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) => sql.rows<ViewRow>(FIND, [tenant, name]));
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

  async pause(tenant: string, name: string, reason: string, change: Change): Promise<ConnectionView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      await lockConnection(sql, tenant, name);
      const paused = await sql.rows(PAUSE, [tenant, name, reason, change.actor]);
      if (paused.length === 0) throw new EcluseError('STATE_CONFLICT', { detail: 'it is paused already' });
      return recordHold(sql, tenant, name, { action: 'connection.paused', reason }, change);
    });
  }

  async resume(tenant: string, name: string, reason: string | null, change: Change): Promise<ConnectionView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      await lockConnection(sql, tenant, name);
      const resumed = await sql.rows(RESUME, [tenant, name, change.actor]);
      if (resumed.length === 0)
        throw new EcluseError('STATE_CONFLICT', { detail: 'nothing holds its calls' });
      return recordHold(sql, tenant, name, { action: 'connection.resumed', reason }, change);
    });
  }

  async changeSecret(tenant: string, name: string, secret: SecretChange, change: Change): Promise<void> {
    await withTenant(this.dataSource, tenant, async (sql) => {
      await lockConnection(sql, tenant, name);
      const entry = { resource: `connection/${name}`, detail: { secretId: secret.secretId } };
      await writeAudit(sql, tenant, { ...entry, action: `connection.secret-${secret.kind}` }, change);
      // Last: after it only the commit can fail.
      await secret.write();
    });
  }
}

/** The audit row, and word to workers and dispatcher, in the transaction of the change. */
async function recordHold(
  sql: SqlSession,
  tenant: string,
  name: string,
  { action, reason }: { action: string; reason: string | null },
  change: Change,
): Promise<ConnectionView> {
  await writeAudit(sql, tenant, { action, resource: `connection/${name}`, detail: { reason } }, change);
  await sql.rows(NOTIFY);
  return viewOf(sql, tenant, name);
}

async function lockConnection(sql: SqlSession, tenant: string, name: string): Promise<void> {
  const known = await sql.rows(KNOWN, [tenant, name]);
  if (known.length === 0) throw new EcluseError('NOT_FOUND', { detail: `connection ${name}` });
}

async function viewOf(sql: SqlSession, tenant: string, name: string): Promise<ConnectionView> {
  const [row] = await sql.rows<ViewRow>(FIND, [tenant, name]);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `connection ${name}` });
  return toView(row);
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
  if (existing?.same === true) return { change: 'unchanged', record: await viewOf(sql, tenant, name) };
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
  return { change: done, record: await viewOf(sql, tenant, name) };
}

function toView(row: ViewRow): ConnectionView {
  const state = row.state ?? 'closed';
  return {
    name: row.name,
    spec: row.spec,
    version: row.row_version,
    updatedAt: row.updated_at.toISOString(),
    state,
    stateReason: state === 'closed' ? null : row.reason,
    heldSince: isoOrNull(row.held_since),
    openUntil: state === 'open' ? isoOrNull(row.open_until) : null,
    stateChangedBy: row.changed_by,
  };
}
