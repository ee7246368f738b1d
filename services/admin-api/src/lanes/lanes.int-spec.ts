import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vaultAsRoot } from '@ecluse/testing';
import type { ApiAnswer } from '../testing/test-api.js';
import { startTenantClient, type TenantClient } from '../testing/tenant-client.js';
import { insertDeadLetter } from '../testing/tenant-data.js';
import { laneKeysOf } from './lane-keys.js';

const CANARY = 'jane@canary.example';

/** Real: PostgreSQL, Vault and the whole service. What a worker would have left is inserted. */
describe('lanes through the admin API', () => {
  let client: TenantClient;
  beforeAll(async () => {
    client = await startTenantClient();
    // The door's tenants have their keys from the start.
    await vaultAsRoot('POST', `transit-payload/keys/tenant-${client.tenant}`);
  });
  afterAll(async () => {
    await client.api.close();
  });

  const pathOf = (laneKey: string): string => `/v1/lanes/orders/${laneKey}`;
  const lane = async (laneKey: string): Promise<Record<string, unknown>> =>
    (await client.get(pathOf(laneKey))).body;
  const post = (laneKey: string, action: string, body: object, headers = {}): Promise<ApiAnswer> =>
    client.post(`${pathOf(laneKey)}/${action}`, body, headers);
  const auditOf = async (laneKey: string): Promise<Record<string, unknown>[]> =>
    (await client.get(`/v1/audit?resource=${encodeURIComponent(`lane/orders/${laneKey}`)}`)).body[
      'items'
    ] as Record<string, unknown>[];

  /** A lane that stopped at a dead letter, or at a run that waits for its next try. */
  async function stopped(state: 'parked' | 'blocked', key: string = randomUUID()) {
    const [laneKey = ''] = laneKeysOf(['deal.id'], key);
    const ids = { deliveryId: randomUUID(), runId: randomUUID(), deadLetterId: randomUUID() };
    const { owner } = client.api;
    const { tenant } = client;
    await insertDeadLetter(owner, tenant, ids);
    const queue = `${tenant}/orders/${laneKey}`;
    await owner.query('UPDATE runs SET queue = $2, lane_key = $3 WHERE id = $1', [ids.runId, queue, laneKey]);
    if (state === 'blocked') {
      await owner.query('DELETE FROM dead_letters WHERE id = $1', [ids.deadLetterId]);
      await owner.query(`UPDATE runs SET state = 'queued' WHERE id = $1`, [ids.runId]);
      await owner.query(`UPDATE inbox SET state = 'running' WHERE id = $1`, [ids.deliveryId]);
    }
    await owner.query(
      `INSERT INTO lanes (tenant, flow, lane_key, queue, state, head_run_id, reason, failures, retry_at, gaps, last_sequence)
       VALUES ($1, 'orders', $2, $3, $4, $5, 'ECL-4003: Refused', 1, now() + interval '5 min', '[[4, 6]]', 9)`,
      [tenant, laneKey, queue, state, ids.runId],
    );
    return { ...ids, laneKey, key };
  }
  const deliveryState = async (id: string): Promise<unknown> =>
    (await client.get(`/v1/deliveries/${id}`)).body['state'];

  it('refuses to mend a lane that goes on by itself, is unknown, or has changed', async () => {
    const open = client.data.laneKey;
    expect((await post(open, 'resume', {})).body['code']).toBe('ECL-6010');
    expect((await post(open, 'skip', { reason: 'x' })).body['code']).toBe('ECL-6010');
    expect((await post(open, 'edit', { document: {}, reason: 'x' })).body['code']).toBe('ECL-6010');
    expect((await post('0'.repeat(32), 'resume', {})).status).toBe(404);
    const { laneKey } = await stopped('parked');
    expect((await post(laneKey, 'resume', {}, { 'if-match': '"9"' })).status).toBe(412);
    expect((await lane(laneKey))['state']).toBe('parked');
    expect(await auditOf(laneKey)).toEqual([]);
  });

  it('refuses a skip without a reason and an edit without a body', async () => {
    const { laneKey } = await stopped('parked');
    expect((await post(laneKey, 'skip', {})).status).toBe(400);
    expect((await post(laneKey, 'edit', { reason: 'x' })).status).toBe(400);
  });

  it('shows a parked lane, and finds it by its business key', async () => {
    const { laneKey, key, deadLetterId, runId } = await stopped('parked', 'D-1042');
    const answer = await client.get(pathOf(laneKey));
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.body).toMatchObject({
      ...{ state: 'parked', reason: 'ECL-4003: Refused', deadLetterId, headRunId: runId },
      ...{ depth: 0, failures: 1, gaps: [[4, 6]], lastSequence: 9, next: [] },
    });
    await client.api.owner.query(
      `INSERT INTO flow_versions (tenant, flow, version, sha256, definition, created_by)
       VALUES ($1, 'orders', 9, $2, '{"order": {"by": "deal.id"}, "on": {"source": "crm"}}', 'spec')`,
      [client.tenant, 'e'.repeat(64)],
    );
    const byKey = (await client.get(`/v1/lanes?key=${key}`)).body['items'];
    expect(byKey).toMatchObject([{ laneKey }]);
    expect((await client.get('/v1/lanes?key=D-1043')).body['items']).toEqual([]);
    const parked = (await client.get('/v1/lanes?state=parked&flow=orders')).body['items'] as {
      state: string;
    }[];
    expect(new Set(parked.map(({ state }) => state))).toEqual(new Set(['parked']));
  });

  it('pages by flow and key', async () => {
    await stopped('parked');
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await client.get(`/v1/lanes?limit=1${cursor}`);
      seen.push(...(body['items'] as { laneKey: string }[]).map(({ laneKey }) => laneKey));
      cursor = typeof body['nextCursor'] === 'string' ? `&cursor=${body['nextCursor']}` : '';
    } while (cursor !== '');
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen.length).toBeGreaterThan(1);
  });

  it('resumes: the dead letter is retried, once for a repeated request, and the lane is open', async () => {
    const { laneKey, deadLetterId, deliveryId } = await stopped('parked');
    const headers = { 'idempotency-key': randomUUID() };
    const answers = [await post(laneKey, 'resume', {}, headers), await post(laneKey, 'resume', {}, headers)];
    expect(answers.map(({ status, body }) => [status, body['state']])).toEqual([
      [200, 'open'],
      [200, 'open'],
    ]);
    expect((await client.get(`/v1/dead-letters/${deadLetterId}`)).body['state']).toBe('retried');
    expect(await deliveryState(deliveryId)).toBe('running');
    expect(await auditOf(laneKey)).toMatchObject([
      { action: 'lane.resumed', actor: `${client.tenant}-admin`, detail: { deliveryId, reason: null } },
    ]);
  });

  it.each(['retry', 'discard'])('reopens when its dead letter is settled by %s', async (action) => {
    const { laneKey, deadLetterId } = await stopped('parked');
    await client.post(`/v1/dead-letters/${deadLetterId}/${action}`, { reason: 'settled' });
    expect(await lane(laneKey)).toMatchObject({ state: 'open', reason: null, headRunId: null });
  });

  it('reopens when the delivery is replayed', async () => {
    const { laneKey, deliveryId } = await stopped('parked');
    await client.post(`/v1/deliveries/${deliveryId}/replays`, { reason: 'again' });
    expect(await lane(laneKey)).toMatchObject({ state: 'open' });
  });

  it.each(['parked', 'blocked'] as const)('skips the head of a %s lane', async (state) => {
    const { laneKey, deliveryId, runId } = await stopped(state);
    expect((await post(laneKey, 'skip', { reason: 'not ours' })).body).toMatchObject({
      state: 'open',
      depth: 0,
    });
    expect(await deliveryState(deliveryId)).toBe('discarded');
    expect((await client.get(`/v1/runs/${runId}`)).body['state']).toBe('dead_letter');
    expect(await auditOf(laneKey)).toMatchObject([
      { action: 'lane.skipped', detail: { headRunId: runId, reason: 'not ours' } },
    ]);
  });

  it('does not skip a head that is being tried', async () => {
    const { laneKey, runId } = await stopped('blocked');
    await client.api.owner.query(`UPDATE runs SET state = 'running' WHERE id = $1`, [runId]);
    expect((await post(laneKey, 'skip', { reason: 'x' })).body['code']).toBe('ECL-6010');
    expect(await lane(laneKey)).toMatchObject({ state: 'blocked' });
  });

  it('seals an edited body, keeps it to itself, and resumes', async () => {
    const { laneKey, deliveryId } = await stopped('parked');
    const document = { deal: { id: 'D-1', owner: CANARY } };
    const answer = await post(laneKey, 'edit', { document, reason: 'wrong owner' });
    expect([answer.status, answer.body['state']]).toEqual([200, 'open']);
    const edits = await client.api.owner.query<{ ciphertext: Buffer; key_name: string; edit_no: number }>(
      'SELECT * FROM body_edits WHERE delivery_id = $1',
      [deliveryId],
    );
    expect(edits.rows).toMatchObject([{ edit_no: 1, key_name: `tenant-${client.tenant}` }]);
    const everything = JSON.stringify([answer.text, await auditOf(laneKey), client.api.logged, edits.rows]);
    expect(everything).not.toContain(CANARY);
    expect(edits.rows[0]?.ciphertext.includes(CANARY)).toBe(false);
    const [entry] = await auditOf(laneKey);
    expect(entry).toMatchObject({ action: 'lane.edited', detail: { editNo: 1, reason: 'wrong owner' } });
  });
});
