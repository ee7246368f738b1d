import type { ReleaseView } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change } from '../admin.js';
import type { RollbackOrder } from '../admin-definitions.js';
import { writeAudit } from './change-transaction.js';
import {
  ADD_RELEASE,
  AWAKEN,
  FIND_VERSION,
  LOCK_FLOW,
  POINT_FLOW,
  RELEASED_BEFORE,
  WAS_RELEASED,
} from './flow-statements.js';
import { INBOX_CHANNEL, SOURCES_CHANNEL } from './pg-listener.js';
import type { SqlSession } from './sql-session.js';

export interface ReleaseRow {
  id: string;
  flow: string;
  version: number;
  previous_version: number | null;
  kind: 'release' | 'rollback';
  actor: string;
  reason: string | null;
  released_at: Date;
}

export interface Pointing {
  tenant: string;
  flow: string;
  kind: 'release' | 'rollback';
  version: number;
  reason: string | null;
}

/** Locks the flow and answers its released version. */
export async function lockFlow(sql: SqlSession, tenant: string, flow: string): Promise<number | null> {
  const [row] = await sql.rows<{ released_version: number | null }>(LOCK_FLOW, [tenant, flow]);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `flow ${flow}` });
  return row.released_version;
}

/** Pointer, release row, audit row, waiting deliveries and wake-up. The flow must be locked. */
export async function pointFlow(
  sql: SqlSession,
  to: Pointing,
  current: number | null,
  change: Change,
): Promise<ReleaseView> {
  const { tenant, flow, kind, version, reason } = to;
  const [target] = await sql.rows<{ definition: { on: { source: string } } }>(FIND_VERSION, [
    tenant,
    flow,
    version,
  ]);
  if (target === undefined)
    throw new EcluseError('NOT_FOUND', { detail: `version ${version} of flow ${flow}` });
  if (version === current)
    throw new EcluseError('STATE_CONFLICT', { detail: `version ${version} is released already` });
  const { source } = target.definition.on;
  await sql.rows(POINT_FLOW, [tenant, flow, version, source]);
  const [row] = await sql.rows<ReleaseRow>(ADD_RELEASE, [
    tenant,
    flow,
    version,
    kind,
    current,
    change.actor,
    reason,
  ]);
  if (row === undefined) throw new EcluseError('INTERNAL', { detail: 'a release was not recorded' });
  const action = kind === 'release' ? 'flow.released' : 'flow.rolled-back';
  const detail = { version, previousVersion: current, reason, source };
  await writeAudit(sql, tenant, { action, resource: `flow/${flow}`, detail }, change);
  await sql.rows(AWAKEN, [tenant, source]);
  await sql.rows(`SELECT pg_notify('${INBOX_CHANNEL}', ''), pg_notify('${SOURCES_CHANNEL}', '')`);
  return toReleaseView(row);
}

/** The version that a rollback goes to. */
export async function rollbackTarget(
  sql: SqlSession,
  tenant: string,
  flow: string,
  order: RollbackOrder,
  current: number | null,
): Promise<number> {
  if (order.version !== undefined) {
    const before = await sql.rows(WAS_RELEASED, [tenant, flow, order.version]);
    if (before.length > 0) return order.version;
    throw new EcluseError('STATE_CONFLICT', {
      detail: `version ${order.version} of flow ${flow} was never released; release it instead`,
    });
  }
  const [earlier] = await sql.rows<{ previous_version: number | null }>(RELEASED_BEFORE, [
    tenant,
    flow,
    current,
  ]);
  if (earlier?.previous_version != null) return earlier.previous_version;
  throw new EcluseError('STATE_CONFLICT', { detail: `flow ${flow} has no earlier release to go back to` });
}

export function toReleaseView(row: ReleaseRow): ReleaseView {
  return {
    flow: row.flow,
    version: row.version,
    previousVersion: row.previous_version,
    kind: row.kind,
    actor: row.actor,
    reason: row.reason,
    releasedAt: row.released_at.toISOString(),
  };
}
