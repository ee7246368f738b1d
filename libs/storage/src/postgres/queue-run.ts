import type { RunSummary } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { RUN_TRANSITIONS, isFinal } from '../transitions.js';
import { moveDelivery, type LockedDelivery } from './delivery-state.js';
import { reopenLane } from './lane-reopen.js';
import { INBOX_CHANNEL } from './pg-listener.js';
import { RUN_COLUMNS, toRunSummary, type RunRow } from './run-rows.js';
import type { SqlSession } from './sql-session.js';

/** The last run of a delivery by one flow. */
export interface LastRun {
  id: string;
  origin: string;
  replay_no: number;
  state: RunRow['state'];
  effect_nonce: string | null;
}
export interface FlowVersionRef {
  version: number;
  sha256: string;
}
export interface NextRun {
  flow: string;
  of: FlowVersionRef;
  /** Undefined when this flow never ran for the delivery. */
  last: LastRun | undefined;
  requestedBy: string;
  /** `repeat`: all effects again, under keys of their own. `keep`: as the last run. `origin`: the delivery's own keys. */
  effects: 'repeat' | 'keep' | 'origin';
}

const LAST = `
SELECT id, origin, replay_no, state, effect_nonce FROM runs
WHERE tenant = $1 AND delivery_id = $2 AND flow = $3 ORDER BY replay_no DESC LIMIT 1`;
const RELEASED = `
SELECT v.version, v.sha256 FROM flows f
JOIN flow_versions v ON v.tenant = f.tenant AND v.flow = f.name AND v.version = f.released_version
WHERE f.tenant = $1 AND f.name = $2 AND f.released_source = $3`;
const QUEUE = `
INSERT INTO runs AS r (tenant, delivery_id, flow, flow_version, flow_sha256, workflow_id, origin, replay_no, replay_of,
                       effect_nonce, requested_by, queue, position, lane_key, sequence)
SELECT i.tenant, i.id, $2, $3, $4, o.origin || CASE WHEN $5 = 0 THEN '' ELSE '/r' || $5 END, o.origin, $5, $7, $8, $9,
       concat_ws('/', i.tenant, $2, k.lane_key), i.position, k.lane_key,
       CASE WHEN v.order_sequence IS NOT NULL THEN (i.order_keys -> v.order_by ->> 'sequence')::bigint END
FROM inbox i
  JOIN flow_versions v ON v.tenant = i.tenant AND v.flow = $2 AND v.version = $3,
  LATERAL (SELECT CASE WHEN v.order_by IS NOT NULL
                       THEN coalesce(i.order_keys -> v.order_by ->> 'key', '-') END AS lane_key) k,
  LATERAL (SELECT coalesce($6, delivery_workflow_id(i.tenant, i.source, i.delivery_key, $2)) AS origin) o
WHERE i.id = $1
RETURNING ${RUN_COLUMNS}`;

/** The lane of a run whose flow became ordered, or whose key came to be, after its delivery was planned. */
const ENSURE_LANE_OF = `
INSERT INTO lanes (tenant, flow, lane_key, queue)
SELECT tenant, flow, lane_key, queue FROM runs WHERE tenant = $1 AND id = $2 AND lane_key IS NOT NULL
ON CONFLICT DO NOTHING`;

export async function lastRunOf(
  sql: SqlSession,
  delivery: LockedDelivery,
  flow: string,
): Promise<LastRun | undefined> {
  const [row] = await sql.rows<LastRun>(LAST, [delivery.tenant, delivery.id, flow]);
  return row;
}

/** The version released now, as far as it takes the delivery's source. */
export async function releasedVersion(
  sql: SqlSession,
  delivery: LockedDelivery,
  flow: string,
): Promise<FlowVersionRef | undefined> {
  const [row] = await sql.rows<FlowVersionRef>(RELEASED, [delivery.tenant, flow, delivery.source]);
  return row;
}

/** Queues a run and wakes the dispatcher; the delivery, which must be locked, becomes `running`. */
export async function queueRun(
  sql: SqlSession,
  delivery: LockedDelivery,
  next: NextRun,
): Promise<RunSummary> {
  const { last, flow, of } = next;
  if (last !== undefined && !isFinal(RUN_TRANSITIONS, last.state)) {
    throw new EcluseError('STATE_CONFLICT', {
      detail: `run ${last.id} of flow ${flow} is ${last.state}; wait for its end`,
    });
  }
  const number = last === undefined ? 0 : last.replay_no + 1;
  const nonces = { repeat: `r${number}`, keep: last?.effect_nonce ?? null, origin: null };
  const values = [delivery.id, flow, of.version, of.sha256, number, last?.origin ?? null, last?.id ?? null];
  const [row] = await sql.rows<RunRow>(QUEUE, [...values, nonces[next.effects], next.requestedBy]);
  if (row === undefined) throw new EcluseError('INTERNAL', { detail: 'a run was not queued' });
  await moveDelivery(sql, delivery, 'running');
  await sql.rows(ENSURE_LANE_OF, [delivery.tenant, row.id]);
  if (last !== undefined) await reopenLane(sql, delivery.tenant, last.id);
  await sql.rows(`SELECT pg_notify('${INBOX_CHANNEL}', '')`);
  return toRunSummary(row);
}
