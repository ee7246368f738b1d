import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { FlowDefinition } from '@ecluse/contracts';
import type { Adapters } from '../adapters/connect-adapters.js';

export interface TenantData {
  tenant: string;
  source: string;
  connection: string;
  flow: string;
  deliveryId: string;
  runId: string;
  deadLetterId: string;
  laneKey: string;
}

export const flowDefinition = (note: string): FlowDefinition => ({
  on: { source: 'crm' },
  steps: [{ id: 'note', map: JSON.stringify(note) }],
  onFailure: { deadLetter: true },
});
const change = { actor: 'fixture', requestId: null };

/** One of everything: definitions through the stores, and a delivery that ended in an open dead letter. */
export async function createTenantData(
  adapters: Adapters,
  owner: Client,
  tenant: string,
): Promise<TenantData> {
  const { sources, connections, flows } = adapters.parts;
  const create = { expectedVersion: null };
  await sources.put(tenant, 'crm', { auth: [], dedupe: { key: [] } }, create, change);
  await connections.put(tenant, 'erp', { connector: 'sql' }, create, change);
  const first = { definition: flowDefinition('one'), sha256: 'a'.repeat(64) };
  const { flow } = await flows.publish(tenant, 'orders', first, create, change);
  const second = { definition: flowDefinition('two'), sha256: 'b'.repeat(64) };
  await flows.publish(tenant, 'orders', second, { expectedVersion: flow.version }, change);
  await flows.release(tenant, 'orders', { version: 1, reason: null }, change);
  const ids = { deliveryId: randomUUID(), runId: randomUUID(), deadLetterId: randomUUID() };
  await insertDeadLetter(owner, tenant, ids);
  const laneKey = 'd'.repeat(32);
  await owner.query('INSERT INTO lanes (tenant, flow, lane_key, queue) VALUES ($1, $2, $3, $4)', [
    tenant,
    'orders',
    laneKey,
    `${tenant}/orders/${laneKey}`,
  ]);
  return { tenant, source: 'crm', connection: 'erp', flow: 'orders', laneKey, ...ids };
}

/** Inserts a delivery whose only run failed, as dispatcher and worker would have left it. */
export async function insertDeadLetter(
  owner: Client,
  tenant: string,
  ids: { deliveryId: string; runId: string; deadLetterId: string },
): Promise<void> {
  const workflowId = `wh:${tenant}:crm:${ids.deliveryId}:orders`;
  await owner.query(
    `INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id, state)
     VALUES ($1, $2, 'crm', $3, $4, 2, 'application/json', '2026-11', 'dead_letter')`,
    [ids.deliveryId, tenant, `key-${ids.deliveryId}`, 'c'.repeat(64)],
  );
  await owner.query(
    `INSERT INTO runs (id, tenant, delivery_id, flow, flow_version, flow_sha256, workflow_id, origin, state, temporal_run_id, queue)
     VALUES ($1, $2::text, $3, 'orders', 1, $4, $5, $5, 'dead_letter', 'temporal-run', $2 || '/orders')`,
    [ids.runId, tenant, ids.deliveryId, 'a'.repeat(64), workflowId],
  );
  await owner.query(
    `INSERT INTO dead_letters (id, tenant, delivery_id, run_id, step_id, code, reason) VALUES ($1, $2, $3, $4, 'note', 'ECL-4003', 'Refused')`,
    [ids.deadLetterId, tenant, ids.deliveryId, ids.runId],
  );
}
