import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AttemptEnd, QueuedRun } from '@ecluse/storage';
import {
  PostgresAttemptLog,
  PostgresConnectionReader,
  PostgresConnectionStore,
  PostgresDeliveryQueries,
  PostgresRunQueries,
  PostgresRunStore,
} from '@ecluse/storage/postgres';
import {
  CHANGE,
  StorageFixture,
  aDefinition,
  aDelivery,
  aTenant,
  acceptedRuns,
  failRun,
  refOf,
  refusalOf,
  releaseFlow,
  succeedRun,
} from './storage-fixture.js';

let fixture: StorageFixture;
let runs: PostgresRunStore;
let queries: PostgresRunQueries;
let tenant: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  runs = new PostgresRunStore(await fixture.as('worker'));
  queries = new PostgresRunQueries(await fixture.as('admin-api'));
});
beforeEach(async () => {
  tenant = aTenant();
  await releaseFlow(fixture, tenant);
});
afterAll(() => fixture.close());

async function aRun(): Promise<QueuedRun> {
  const [run] = await acceptedRuns(fixture, tenant);
  return run!;
}
async function deliveryState(run: QueuedRun): Promise<string | undefined> {
  const deliveries = new PostgresDeliveryQueries(await fixture.as('admin-api'));
  return (await deliveries.find(run.tenant, run.deliveryId))?.state;
}
const failure = { stepId: 'order', code: 'ECL-4003', outcome: 'invalid', reason: 'no such product' } as const;

describe('PostgresRunStore, refusals', () => {
  it('knows no run of another tenant', async () => {
    const run = refOf(await aRun());
    const foreign = { ...run, tenant: aTenant() };
    expect(await refusalOf(runs.open(foreign, 't'))).toBe('NOT_FOUND');
    expect(await refusalOf(runs.close(foreign, { state: 'succeeded', triggered: true }))).toBe('NOT_FOUND');
    expect(await refusalOf(runs.loadFlow(foreign))).toBe('NOT_FOUND');
    expect((await queries.find(tenant, run.runId))?.state).toBe('queued');
  });

  it('refuses a flow version with another hash', async () => {
    const run = refOf(await aRun());
    expect(await refusalOf(runs.loadFlow({ ...run, flowSha256: 'f'.repeat(64) }))).toBe(
      'FLOW_VERSION_MISMATCH',
    );
    expect(await refusalOf(runs.loadFlow({ ...run, flowVersion: 99 }))).toBe('NOT_FOUND');
    expect(await runs.loadFlow(run)).toEqual(aDefinition());
  });

  it('does not let a run succeed that nobody opened', async () => {
    const run = await aRun();
    expect(await refusalOf(runs.close(refOf(run), { state: 'succeeded', triggered: true }))).toBe(
      'STATE_CONFLICT',
    );
    expect(await deliveryState(run)).toBe('running');
  });
});

describe('the end of a run', () => {
  it('is recorded once: a second close changes nothing', async () => {
    const run = await aRun();
    await succeedRun(fixture, run);
    const first = await queries.find(tenant, run.runId);
    await runs.close(refOf(run), { state: 'succeeded', triggered: false });
    await runs.close(refOf(run), { state: 'dead_letter', failure });
    await runs.open(refOf(run), 'another');
    expect(await queries.find(tenant, run.runId)).toEqual(first);
    expect(first).toMatchObject({ state: 'succeeded', triggered: true, failure: null });
    expect(await deliveryState(run)).toBe('succeeded');
    expect(await fixture.look('SELECT 1 FROM dead_letters WHERE tenant = $1', [tenant])).toHaveLength(0);
  });

  it('makes one dead letter of ten concurrent closes', async () => {
    const run = await aRun();
    await Promise.all(
      Array.from({ length: 10 }, () => runs.close(refOf(run), { state: 'dead_letter', failure })),
    );
    expect(await fixture.look('SELECT code FROM dead_letters WHERE tenant = $1', [tenant])).toEqual([
      { code: 'ECL-4003' },
    ]);
    expect(await queries.find(tenant, run.runId)).toMatchObject({ state: 'dead_letter', failure });
    expect(await deliveryState(run)).toBe('dead_letter');
  });

  it('keeps the first opening when a run is opened again by another worker', async () => {
    const run = await aRun();
    await runs.open(refOf(run), 'first');
    const opened = 'SELECT opened_at, started_at FROM runs WHERE id = $1';
    const before = await fixture.look(opened, [run.runId]);
    await runs.open(refOf(run), 'second');
    expect(await fixture.look(opened, [run.runId])).toEqual(before);
    expect(await queries.find(tenant, run.runId)).toMatchObject({
      state: 'running',
      temporalRunId: 'second',
    });
  });
});

describe('a delivery with several runs', () => {
  beforeEach(async () => {
    await releaseFlow(fixture, tenant, 'second-flow', aDefinition('crm-deals', 'second'));
  });

  it('ends when its last run ends, also when all end at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const both = await acceptedRuns(fixture, tenant, aDelivery(tenant));
      expect(both).toHaveLength(2);
      await Promise.all(both.map((run) => succeedRun(fixture, run)));
      expect(await deliveryState(both[0]!)).toBe('succeeded');
    }
  });

  it('is a dead letter when one of them is, whichever ends last', async () => {
    for (const failing of [0, 1]) {
      const both = await acceptedRuns(fixture, tenant, aDelivery(tenant));
      await failRun(fixture, both[failing]!);
      expect(await deliveryState(both[0]!)).toBe('running');
      await succeedRun(fixture, both[1 - failing]!);
      expect(await deliveryState(both[0]!)).toBe('dead_letter');
    }
  });
});

describe('PostgresAttemptLog', () => {
  const end: AttemptEnd = {
    outcome: 'transient',
    code: 'ECL-4004',
    reason: 'connection reset',
    vendorCode: '08006',
    leaseRef: 'a'.repeat(64),
    leaseExpiresAt: new Date('2026-11-24T10:00:00.000Z'),
    leaseUser: 'v-worker-erp-1',
  };

  it('records each try before and after, and repeats harmlessly', async () => {
    const log = new PostgresAttemptLog(await fixture.as('worker'));
    const record = {
      run: refOf(await aRun()),
      stepId: 'order',
      connection: 'erp',
      operation: 'salesOrder.upsert',
    };
    await log.begin({ ...record, attempt: 1 });
    await log.begin({ ...record, attempt: 1 });
    await log.end({ ...record, attempt: 1 }, end);
    await log.begin({ ...record, attempt: 2 });
    const found = await queries.find(tenant, record.run.runId);
    expect(found?.attempts).toMatchObject([
      {
        attempt: 1,
        connection: 'erp',
        operation: 'salesOrder.upsert',
        outcome: 'transient',
        code: 'ECL-4004',
        leaseRef: 'a'.repeat(64),
        leaseUser: 'v-worker-erp-1',
        leaseExpiresAt: '2026-11-24T10:00:00.000Z',
      },
      { attempt: 2, outcome: null, endedAt: null },
    ]);
    expect(found?.attempts[0]?.endedAt).not.toBeNull();
  });
});

describe('PostgresRunQueries', () => {
  it('answers nothing for ids that are none, or of another tenant', async () => {
    const run = await aRun();
    expect(await queries.find(tenant, 'no-uuid')).toBeUndefined();
    expect(await queries.find(tenant, randomUUID())).toBeUndefined();
    expect(await queries.find(aTenant(), run.runId)).toBeUndefined();
    expect((await queries.list(tenant, { deliveryId: "' OR true" }, { limit: 5 })).items).toEqual([]);
    expect(await refusalOf(queries.list(tenant, {}, { limit: 5, cursor: 'bogus' }))).toBe('REQUEST_INVALID');
  });

  it('pages through all runs, newest first, each once, though their times are equal', async () => {
    const made = [];
    for (let n = 0; n < 7; n += 1) made.push((await aRun()).runId);
    await fixture.look(`UPDATE runs SET queued_at = '2026-11-24 10:00:00.123456+00' WHERE tenant = $1`, [
      tenant,
    ]);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof queries.list>> = await queries.list(
        tenant,
        { state: 'queued', flow: 'deal-to-order' },
        cursor === null ? { limit: 3 } : { limit: 3, cursor },
      );
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(7);
    expect([...seen].sort()).toEqual(made.sort());
  });
});

describe('PostgresConnectionReader', () => {
  it('reads a connection of its tenant only', async () => {
    const connections = new PostgresConnectionStore(await fixture.as('admin-api'));
    await connections.put(tenant, 'erp', { connector: 'sql' }, { expectedVersion: null }, CHANGE);
    const reader = new PostgresConnectionReader(await fixture.as('worker'));
    expect(await reader.find(aTenant(), 'erp')).toBeUndefined();
    expect(await reader.find(tenant, 'erp')).toEqual({
      tenant,
      name: 'erp',
      spec: { connector: 'sql' },
      rowVersion: 1,
    });
  });
});
