import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDataSource, PostgresConnectionStore } from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { ErpGate } from './testing/erp-gate.js';
import { FlowHarness } from './testing/flow-harness.js';

/** Real: Temporal, PostgreSQL, Vault, the worker's own parts, and an ERP that goes away behind a TCP gate. */
let harness: FlowHarness;
let gate: ErpGate;
let connections: PostgresConnectionStore;
let database: ReturnType<typeof createDataSource>;
const change = { actor: 'ada', requestId: null };

beforeAll(async () => {
  harness = await FlowHarness.create();
  await harness.parts.circuits.open();
  database = await createDataSource({
    url: harness.database.urls['admin-api'],
    applicationName: 'spec',
  }).initialize();
  connections = new PostgresConnectionStore(database);
  const spec = harness.erp.connectionSpec();
  gate = await ErpGate.before(spec);
  await connections.put('acme', 'gated', gate.through(spec), { expectedVersion: null }, change);
}, 120_000);
afterAll(async () => {
  gate.reopen();
  await harness.close();
  await gate.close();
  await database.destroy();
}, 60_000);

const step = (connection: string) => ({
  id: 'order',
  call: {
    connection,
    operation: 'salesOrder.upsert',
    with: "{ 'externalId': 'deal-' & deal.id, 'sku': 'LOCK-100' }",
  },
  retry: { attempts: 6, first: '100ms', max: '200ms' },
});
async function attemptsOf(runId: string): Promise<number> {
  const [row] = await harness.look('SELECT count(*)::int AS n FROM step_attempts WHERE run_id = $1', [runId]);
  return Number(row?.['n']);
}
async function waitingFor(runId: string): Promise<unknown> {
  const [row] = await harness.look('SELECT waiting_for, state FROM runs WHERE id = $1', [runId]);
  return row?.['waiting_for'];
}
async function stateOf(connection: string): Promise<string | undefined> {
  return (await connections.find('acme', connection))?.state;
}

describe('a connection that is held', () => {
  it('by an operator: work waits with the reason, uses no attempt, and goes on by itself', async () => {
    await connections.pause('acme', 'gated', 'migration', change);
    const { run, handle } = await harness.start('paused', [step('gated')], { deal: { id: 'p1' } });
    await eventually(async () => {
      expect(await waitingFor(run.runId)).toBe('connection gated is paused: migration');
    });
    const other = await harness.start('beside', [step('erp')], { deal: { id: 'p2' } });
    expect(await other.handle.result()).toEqual({ state: 'succeeded', triggered: true });
    expect(await attemptsOf(run.runId)).toBe(0);
    await connections.resume('acme', 'gated', null, change);
    expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });
    expect(await attemptsOf(run.runId)).toBe(1);
    expect(await waitingFor(run.runId)).toBeNull();
  }, 60_000);

  it('by its circuit breaker: it opens early, others go on, nothing is used up, and it closes by itself', async () => {
    gate.shut();
    const started: Awaited<ReturnType<FlowHarness['start']>>[] = [];
    for (const id of ['c1', 'c2', 'c3', 'c4'])
      started.push(await harness.start(`down-${id}`, [step('gated')], { deal: { id } }));
    await eventually(
      async () => {
        expect(await stateOf('gated')).toBe('open');
        for (const { run } of started)
          expect(await waitingFor(run.runId)).toMatch(/^connection gated does not work at present/);
      },
      { timeoutMs: 20_000 },
    );
    const seen = gate.refused;
    const used = await Promise.all(started.map(({ run }) => attemptsOf(run.runId)));
    expect(used.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(20);
    const beside = await harness.start('beside-down', [step('erp')], { deal: { id: 'c5' } });
    expect(await beside.handle.result()).toEqual({ state: 'succeeded', triggered: true });
    // Probes look again and again, and cost no attempt.
    await eventually(
      () => {
        expect(gate.refused).toBeGreaterThan(seen);
      },
      { timeoutMs: 20_000 },
    );
    expect(await Promise.all(started.map(({ run }) => attemptsOf(run.runId)))).toEqual(used);
    gate.reopen();
    for (const { handle } of started)
      expect(await handle.result()).toEqual({ state: 'succeeded', triggered: true });
    expect(await stateOf('gated')).toBe('closed');
    const scraped = (await harness.parts.metrics.scrape()).text;
    expect(scraped).toMatch(/ecluse_circuit_changes_total\{to="open"\} [1-9]/);
    expect(scraped).toMatch(/ecluse_calls_held_total\{state="paused"\} [1-9]/);
    expect(scraped).toMatch(/ecluse_leases_total\{result="hit"\} [1-9]/);
    expect(scraped).toMatch(/ecluse_activity_duration_seconds_count\{activity="callConnection"/);
    expect(scraped).not.toContain('acme');
  }, 120_000);
});
