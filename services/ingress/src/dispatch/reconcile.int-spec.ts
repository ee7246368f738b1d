import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time.js';
import { Client, Connection } from '@temporalio/client';
import { eventually, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';
import { IngressFixture } from '../testing/ingress-fixture.js';

/** A namespace of its own, which the test wipes. */
const namespace = uniqueName('wiped');
/** `KEYWORD` and `INT` of Temporal's API. */
const SEARCH_ATTRIBUTES = { TenantId: 2, FlowId: 2, FlowVersion: 3, ReplayOf: 2 };

let fixture: IngressFixture;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  fixture = await IngressFixture.create();
  connection = await Connection.connect({ address: testServers().temporal.address });
  client = new Client({ connection, namespace });
  await vaultAsRoot('POST', `transit-payload/keys/ns-${namespace}`, {});
  await makeNamespace();
  await fixture.start({
    ECLUSE_INGRESS_ROLE: 'dispatcher',
    ECLUSE_TEMPORAL_NAMESPACE: namespace,
    ECLUSE_DISPATCHER_RECONCILE_SECONDS: '1',
    ECLUSE_DISPATCHER_RECONCILE_AFTER_SECONDS: '2',
  });
}, 90_000);
afterAll(async () => {
  await fixture.close();
  await connection.close();
});

async function makeNamespace(): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await eventually(
    () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes: SEARCH_ATTRIBUTES }),
    { timeoutMs: 30_000 },
  );
}

interface Run {
  id: string;
  state: string;
  workflow_id: string;
  temporal_run_id: string | null;
  batch_id: string | null;
  note: string | null;
  failure: { code: string } | null;
  position: string;
}
async function runsOf(flow: string): Promise<Run[]> {
  return fixture.rows<Run>('SELECT * FROM runs WHERE flow = $1 ORDER BY position', [flow]);
}
async function accept(source: string, count: number, orderKeys: object | null = null): Promise<void> {
  await fixture.rows(
    `INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id, order_keys)
     SELECT gen_random_uuid(), 'acme', $1, gen_random_uuid(), repeat('0', 64), 100, 'application/json', 'current', $3
     FROM generate_series(1, $2::int)`,
    [source, count, orderKeys],
  );
  await fixture.rows('NOTIFY ecluse_inbox');
}
async function newFlow(
  changes: Parameters<IngressFixture['addFlow']>[1] = {},
): Promise<{ source: string; flow: string }> {
  const { name: source } = await fixture.addSource({});
  return { source, flow: await fixture.addFlow(source, changes) };
}
/** Waits until all runs of the flow are started. */
async function allStarted(flow: string, count: number): Promise<Run[]> {
  return eventually(
    async () => {
      const runs = await runsOf(flow);
      expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'started'));
      return runs;
    },
    { timeoutMs: 30_000 },
  );
}

describe('work that the engine has and goes on with', () => {
  it('is left alone', async () => {
    const { source, flow } = await newFlow({ batch: { max: 1 } });
    await accept(source, 3);
    const before = await allStarted(flow, 3);
    // Something that the reconciler sets right afterwards shows that it has been here.
    const other = await newFlow({ batch: { max: 1 } });
    await accept(other.source, 1);
    const [run] = await allStarted(other.flow, 1);
    await client.workflow.getHandle(run?.workflow_id ?? '').terminate('spec');
    await eventually(
      async () => {
        expect((await runsOf(other.flow))[0]?.state).toBe('dead_letter');
      },
      { timeoutMs: 20_000 },
    );
    expect(await runsOf(flow)).toEqual(before);
  }, 60_000);
});

describe('a run that ended without a record', () => {
  it('becomes a dead letter that says so', async () => {
    const { source, flow } = await newFlow();
    await accept(source, 1);
    const [run] = await allStarted(flow, 1);
    await client.workflow.getHandle(run?.workflow_id ?? '').terminate('spec');
    await eventually(
      async () => {
        expect((await runsOf(flow))[0]).toMatchObject({
          state: 'dead_letter',
          failure: { code: 'ECL-2007' },
        });
      },
      { timeoutMs: 20_000 },
    );
    expect(await fixture.rows('SELECT state FROM inbox WHERE source = $1', [source])).toEqual([
      { state: 'dead_letter' },
    ]);
  }, 60_000);
});

describe('a batch that ended without a record', () => {
  it('is dissolved, and each of its runs goes alone', async () => {
    const { source, flow } = await newFlow();
    await accept(source, 12);
    const members = (await allStarted(flow, 12)).filter(({ batch_id }) => batch_id !== null);
    expect(members.length).toBeGreaterThan(1);
    // A batch is formed before its workflow is started.
    for (const id of new Set(members.map(({ batch_id }) => batch_id)))
      await eventually(() => client.workflow.getHandle(`batch:acme:${String(id)}`).terminate('spec'));
    await eventually(
      async () => {
        const left = (await runsOf(flow)).filter(({ note }) => note === 'left batch');
        expect(left.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
        expect(left.every(({ batch_id }) => batch_id === null)).toBe(true);
        // No worker opens them, so no more than the slots of the queue are started.
        expect(left.some(({ temporal_run_id }) => temporal_run_id !== null)).toBe(true);
      },
      { timeoutMs: 20_000 },
    );
    const open = await fixture.rows("SELECT 1 FROM batches WHERE flow = $1 AND state <> 'closed'", [flow]);
    expect(open).toEqual([]);
  }, 60_000);
});

describe('a lane whose workflow is gone', () => {
  it('begins anew with all it held before it takes more', async () => {
    const { source, flow } = await newFlow({ order: { by: 'deal.id' } });
    const key = { 'deal.id': { key: 'k', sequence: null } };
    await accept(source, 3, key);
    await allStarted(flow, 3);
    const handle = client.workflow.getHandle(`lane:acme:${flow}:k`);
    const { runId } = await handle.describe();
    await handle.terminate('spec');
    await accept(source, 1, key);
    const runs = await allStarted(flow, 4);
    const next = await handle.describe();
    expect(next.runId).not.toBe(runId);
    // A hand-over to a living lane does not tell which execution got it.
    const known = runs.flatMap(({ temporal_run_id: id }) => id ?? []);
    expect(known.length).toBeGreaterThanOrEqual(3);
    expect(new Set(known)).toEqual(new Set([next.runId]));
  }, 60_000);
});

describe('an engine that was wiped', () => {
  it('gets everything that was under way again, in the order of arrival', async () => {
    const single = await newFlow({ batch: { max: 1 } });
    const shared = await newFlow();
    const ordered = await newFlow({ order: { by: 'deal.id' } });
    await accept(single.source, 30);
    await accept(shared.source, 40);
    await accept(ordered.source, 5, { 'deal.id': { key: 'k', sequence: null } });
    await allStarted(single.flow, 30);
    await allStarted(ordered.flow, 5);
    await allStarted(shared.flow, 40);
    await connection.operatorService.deleteNamespace({ namespace });
    await eventually(makeNamespace, { timeoutMs: 30_000, intervalMs: 500 });
    await eventually(
      async () => {
        for (const { workflow_id: id } of await runsOf(single.flow))
          await client.workflow.getHandle(id).describe();
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
    await allStarted(single.flow, 30);
    const lane = await allStarted(ordered.flow, 5);
    const { runId } = await client.workflow.getHandle(`lane:acme:${ordered.flow}:k`).describe();
    expect(new Set(lane.flatMap(({ temporal_run_id: id }) => id ?? []))).toEqual(new Set([runId]));
    // Members that no worker had opened may share a batch again.
    const members = await allStarted(shared.flow, 40);
    for (const id of new Set(members.flatMap(({ batch_id }) => batch_id ?? [])))
      expect(await client.workflow.getHandle(`batch:acme:${id}`).describe()).toBeDefined();
  }, 150_000);
});
