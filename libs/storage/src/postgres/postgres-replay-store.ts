import type { DataSource } from 'typeorm';
import type { ReplayRequest, RunSummary } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change } from '../admin.js';
import type { ReplayStore } from '../admin-operations.js';
import { writeAudit } from './change-transaction.js';
import { lockDelivery, type LockedDelivery } from './delivery-state.js';
import { isUuid } from './paging.js';
import { lastRunOf, queueRun, releasedVersion, type FlowVersionRef } from './queue-run.js';
import { withTenant, type SqlSession } from './sql-session.js';

/** Flows that ran for the delivery, or would now. */
const CANDIDATES = `
SELECT flow FROM runs WHERE tenant = $1 AND delivery_id = $2
UNION SELECT name FROM flows WHERE tenant = $1 AND released_source = $3 ORDER BY flow`;
const VERSION = `
SELECT version, sha256 FROM flow_versions
WHERE tenant = $1 AND flow = $2 AND version = $3 AND definition->'on'->>'source' = $4`;
const FLOW = 'SELECT 1 FROM flows WHERE tenant = $1 AND name = $2';
/** The new run takes over what the flow's open dead letter was waiting for. */
const SETTLE_LETTERS = `
UPDATE dead_letters d SET state = 'retried', row_version = row_version + 1, settled_at = now(), settled_by = $4,
                          settled_reason = $5
FROM runs r
WHERE d.run_id = r.id AND r.tenant = $1 AND r.delivery_id = $2 AND r.flow = $3 AND d.state = 'open'`;

/** Role `ecluse_admin_api`. */
export class PostgresReplayStore implements ReplayStore {
  constructor(private readonly dataSource: DataSource) {}

  async replay(
    tenant: string,
    deliveryId: string,
    request: ReplayRequest,
    change: Change,
  ): Promise<RunSummary> {
    if (!isUuid(deliveryId)) throw new EcluseError('NOT_FOUND', { detail: 'no delivery has this id' });
    return withTenant(this.dataSource, tenant, async (sql) => {
      const delivery = await lockDelivery(sql, tenant, deliveryId);
      if (delivery.state === 'received' || delivery.state === 'waiting') {
        throw new EcluseError('STATE_CONFLICT', {
          detail: `the delivery is ${delivery.state}: its first run is still to come`,
        });
      }
      const flow = await chooseFlow(sql, delivery, request.flow);
      const of = await chooseVersion(sql, delivery, flow, request.version);
      const last = await lastRunOf(sql, delivery, flow);
      const effects = request.repeatEffects === true ? 'repeat' : 'origin';
      const run = await queueRun(sql, delivery, { flow, of, last, requestedBy: change.actor, effects });
      await sql.rows(SETTLE_LETTERS, [tenant, deliveryId, flow, change.actor, request.reason]);
      await audit(sql, tenant, run, request, change);
      return run;
    });
  }
}

async function chooseFlow(
  sql: SqlSession,
  delivery: LockedDelivery,
  wanted: string | undefined,
): Promise<string> {
  const { tenant, id, source } = delivery;
  if (wanted !== undefined) {
    const known = await sql.rows(FLOW, [tenant, wanted]);
    if (known.length === 0) throw invalid('/flow', `no flow ${wanted}`, 'the name of a flow');
    return wanted;
  }
  const rows = await sql.rows<{ flow: string }>(CANDIDATES, [tenant, id, source]);
  const [only] = rows;
  if (only !== undefined && rows.length === 1) return only.flow;
  throw invalid('/flow', 'the flow must be named', `one of: ${rows.map((row) => row.flow).join(', ')}`);
}

async function chooseVersion(
  sql: SqlSession,
  delivery: LockedDelivery,
  flow: string,
  wanted: number | undefined,
): Promise<FlowVersionRef> {
  const { tenant, source } = delivery;
  if (wanted !== undefined) {
    const [row] = await sql.rows<FlowVersionRef>(VERSION, [tenant, flow, wanted, source]);
    if (row === undefined) {
      throw invalid(
        '/version',
        `flow ${flow} has no version ${wanted} that takes source ${source}`,
        'a published version',
      );
    }
    return row;
  }
  const released = await releasedVersion(sql, delivery, flow);
  if (released !== undefined) return released;
  throw new EcluseError('STATE_CONFLICT', {
    detail: `no released version of flow ${flow} takes source ${source}; release one, or name a version`,
  });
}

function invalid(pointer: string, message: string, expected: string): EcluseError {
  return new EcluseError('REQUEST_INVALID', { errors: [{ pointer, message, expected }] });
}

async function audit(
  sql: SqlSession,
  tenant: string,
  run: RunSummary,
  request: ReplayRequest,
  change: Change,
): Promise<void> {
  const detail = {
    runId: run.id,
    flow: run.flow,
    flowVersion: run.flowVersion,
    replayNo: run.replayNo,
    repeatEffects: request.repeatEffects === true,
    reason: request.reason,
  };
  const entry = { action: 'delivery.replayed', resource: `delivery/${run.deliveryId}`, detail };
  await writeAudit(sql, tenant, entry, change);
}
