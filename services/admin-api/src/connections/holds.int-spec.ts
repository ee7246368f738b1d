import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FlowDefinition } from '@ecluse/contracts';
import { eventually } from '@ecluse/testing';
import { createKey, startTestApi, type TestApi } from '../testing/test-api.js';
import { createTenantData } from '../testing/tenant-data.js';

/** Real: PostgreSQL, Vault and the whole service. */
let api: TestApi;
let viewer: string;
let operator: string;

beforeAll(async () => {
  api = await startTestApi();
  await createTenantData(api.adapters, api.owner, 'acme');
  viewer = await createKey(api.owner, 'acme', 'viewer');
  operator = await createKey(api.owner, 'acme', 'operator');
}, 60_000);
afterAll(() => api.close());
beforeEach(async () => {
  await api.owner.query('DELETE FROM connection_states');
});

const path = '/v1/connections/erp';
function post(verb: 'pause' | 'resume', body: unknown, key = operator) {
  return api.call({ method: 'POST', path: `${path}/${verb}`, key, body });
}
async function shown() {
  return (await api.call({ path, key: viewer })).body;
}
async function opened(): Promise<void> {
  await api.owner.query(
    `INSERT INTO connection_states (tenant, connection, state, reason, failures, openings, open_until, changed_by, held_since)
     VALUES ('acme', 'erp', 'open', 'No answer.', 10, 2, now() + interval '20 s', 'circuit breaker', now())`,
  );
}

describe('holding a connection', () => {
  it('needs a reason, a connection that exists, and one that is not in that state already', async () => {
    expect((await post('pause', {})).body['code']).toBe('ECL-6004');
    const stranger = await api.call({
      method: 'POST',
      path: '/v1/connections/none/pause',
      key: operator,
      body: { reason: 'x' },
    });
    expect(stranger.status).toBe(404);
    expect((await post('resume', {})).status).toBe(409);
    expect((await post('pause', { reason: 'migration' })).status).toBe(200);
    expect((await post('pause', { reason: 'again' })).status).toBe(409);
    expect(await shown()).toMatchObject({ state: 'paused', stateReason: 'migration' });
  });

  it('shows who holds it, why and since when, and is audited', async () => {
    expect(await shown()).toMatchObject({
      state: 'closed',
      stateReason: null,
      heldSince: null,
      openUntil: null,
    });
    const paused = await post('pause', { reason: 'migration' });
    expect(paused.body).toMatchObject({ name: 'erp', state: 'paused', stateReason: 'migration' });
    expect(await shown()).toEqual(paused.body);
    expect(String(paused.body['heldSince'])).toMatch(/^\d{4}-/);
    expect(paused.body['stateChangedBy']).not.toBeNull();
    const resumed = await post('resume', { reason: 'done' });
    expect(resumed.body).toMatchObject({ state: 'closed', stateReason: null, heldSince: null });
    const audit = await api.call({ path: '/v1/audit?resource=connection/erp', key: viewer });
    const entries = audit.body['items'] as { action: string; detail: unknown }[];
    expect(entries.slice(0, 2).map(({ action, detail }) => [action, detail])).toEqual([
      ['connection.resumed', { reason: 'done' }],
      ['connection.paused', { reason: 'migration' }],
    ]);
  });

  it('answers a repeated request as the first, and pauses once', async () => {
    const request = { method: 'POST', path: `${path}/pause`, key: operator, body: { reason: 'x' } };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await api.call({ ...request, headers });
    const second = await api.call({ ...request, headers });
    expect([second.status, second.body]).toEqual([first.status, first.body]);
  });

  it('shows an open circuit, which an operator may pause, or close before its time', async () => {
    await opened();
    expect(await shown()).toMatchObject({
      state: 'open',
      stateReason: 'No answer.',
      openUntil: expect.stringMatching(/Z$/),
      stateChangedBy: 'circuit breaker',
    });
    await post('pause', { reason: 'they are working on it' });
    expect(await shown()).toMatchObject({ state: 'paused', openUntil: null });
    await post('resume', {});
    const { rows } = await api.owner.query<object>('SELECT state, openings FROM connection_states');
    // What was open is tried with one call first.
    expect(rows).toEqual([{ state: 'closed', openings: 2 }]);
  });

  it('tells workers and dispatcher', async () => {
    const told: string[] = [];
    api.owner.on('notification', ({ channel }) => told.push(channel));
    await api.owner.query('LISTEN ecluse_connections; LISTEN ecluse_inbox');
    await post('pause', { reason: 'x' });
    await eventually(() => {
      expect(told.toSorted()).toEqual(['ecluse_connections', 'ecluse_inbox']);
    });
    await api.owner.query('UNLISTEN *');
  });

  it('shows with queued runs what they wait for, and no longer with those that ended', async () => {
    const definition: FlowDefinition = {
      on: { source: 'crm' },
      steps: [{ id: 's', call: { connection: 'erp', operation: 'o', with: '{}' } }],
      onFailure: { deadLetter: true },
    };
    const change = { actor: 'fixture', requestId: null };
    const { flows } = api.adapters.parts;
    const expectedVersion = (await flows.find('acme', 'orders'))?.version ?? null;
    await flows.publish(
      'acme',
      'orders',
      { definition, sha256: 'd'.repeat(64) },
      { expectedVersion },
      change,
    );
    await api.owner.query("UPDATE runs SET state = 'queued', flow_version = 3 WHERE tenant = 'acme'");
    const waitingFor = async () => {
      const { body } = await api.call({ path: '/v1/runs', key: viewer });
      return (body['items'] as { waitingFor: string | null }[])[0]?.waitingFor;
    };
    expect(await waitingFor()).toBeNull();
    await post('pause', { reason: 'migration' });
    expect(await waitingFor()).toBe('connection erp is paused: migration');
    const { body } = await api.call({ path: '/v1/deliveries', key: viewer });
    expect(JSON.stringify(body)).toContain('connection erp is paused: migration');
    await api.owner.query("UPDATE runs SET state = 'dead_letter' WHERE tenant = 'acme'");
    expect(await waitingFor()).toBeNull();
  });
});
