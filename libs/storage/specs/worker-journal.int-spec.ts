import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { QueuedRun } from '@ecluse/storage';
import {
  PostgresAttemptLog,
  PostgresDeliveryReader,
  PostgresEffectLedger,
  PostgresRunStore,
} from '@ecluse/storage/postgres';
import { StorageFixture, aTenant, acceptedRuns, refOf, refusalOf, releaseFlow } from './storage-fixture.js';

/** Concurrent runs of one worker share transactions, and nobody notices but the database. */
let fixture: StorageFixture;
let runs: PostgresRunStore;
let ledger: PostgresEffectLedger;
let attempts: PostgresAttemptLog;
let deliveries: PostgresDeliveryReader;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  const worker = await fixture.as('worker');
  runs = new PostgresRunStore(worker);
  ledger = new PostgresEffectLedger(worker);
  attempts = new PostgresAttemptLog(worker);
  deliveries = new PostgresDeliveryReader(worker);
});
let tenant: string;
beforeEach(async () => {
  tenant = aTenant();
  await releaseFlow(fixture, tenant);
});
afterAll(() => fixture.close());

async function someRuns(count: number, of = tenant): Promise<QueuedRun[]> {
  const found: QueuedRun[] = [];
  for (let index = 0; index < count; index += 1) found.push(...(await acceptedRuns(fixture, of)));
  return found;
}
const openAll = (all: QueuedRun[]) => Promise.all(all.map((run) => runs.open(refOf(run), 'temporal')));
const success = { state: 'succeeded', triggered: true } as const;
const failure = {
  stepId: 'order',
  code: 'ECL-4003',
  outcome: 'invalid',
  reason: 'it has "quotes", \\ and {',
} as const;
const record = (run: QueuedRun, attempt = 1) => ({
  run: refOf(run),
  stepId: 'order',
  attempt,
  connection: 'erp',
  operation: 'order.create',
});

describe('what one item meets', () => {
  it('is an unknown run: refused alone, its neighbours are written', async () => {
    const [good, other] = await someRuns(2);
    const answers = await Promise.all([
      runs.open(refOf(good!), 't').then(() => 'opened'),
      refusalOf(runs.open({ ...refOf(good!), runId: randomUUID() }, 't')),
      refusalOf(runs.close(refOf(other!), success)),
      refusalOf(deliveries.load(tenant, randomUUID())),
      refusalOf(
        ledger.settle({ tenant, idempotencyKey: 'none' }, { state: 'confirmed', output: null, reason: null }),
      ),
    ]);
    expect(answers).toEqual(['opened', 'NOT_FOUND', 'STATE_CONFLICT', 'NOT_FOUND', 'NOT_FOUND']);
    expect(await statesOf([good!, other!])).toEqual(['running', 'queued']);
  });

  it('is a row that no table takes: it fails alone', async () => {
    const [good, bad] = await someRuns(2);
    const orphan = { ...record(bad!), run: { ...refOf(bad!), runId: randomUUID() } };
    const answers = await Promise.all([
      refusalOf(attempts.begin(orphan)),
      refusalOf(attempts.begin(record(good!))),
      refusalOf(runs.open(refOf(good!), 't')),
    ]);
    expect(answers).toEqual(['INTERNAL', 'none', 'none']);
    expect(await fixture.look('SELECT run_id FROM step_attempts WHERE tenant = $1', [tenant])).toEqual([
      { run_id: good!.runId },
    ]);
  });

  it('is a foreign tenant: nothing of it is seen or written', async () => {
    const [run] = await someRuns(1);
    const stranger = aTenant();
    const foreign = { ...refOf(run!), tenant: stranger };
    const answers = await Promise.all([
      refusalOf(runs.open(foreign, 't')),
      refusalOf(runs.open(refOf(run!), 't')),
      refusalOf(deliveries.load(stranger, run!.deliveryId)),
    ]);
    expect(answers).toEqual(['NOT_FOUND', 'none', 'NOT_FOUND']);
  });

  it('is a batch that does not hold the run', async () => {
    const [run] = await someRuns(1);
    const fence = { batchId: randomUUID() };
    expect(await refusalOf(runs.open(refOf(run!), 't', fence))).toBe('STATE_CONFLICT');
    await runs.open(refOf(run!), 't');
    expect(await refusalOf(runs.close(refOf(run!), success, fence))).toBe('STATE_CONFLICT');
    expect(await statesOf([run!])).toEqual(['running']);
  });
});

async function statesOf(of: QueuedRun[]): Promise<string[]> {
  const rows = await fixture.look<{ id: string; state: string }>(
    'SELECT id, state FROM runs WHERE id = ANY($1)',
    [of.map(({ runId }) => runId)],
  );
  return of.map(({ runId }) => rows.find(({ id }) => id === runId)?.state ?? '');
}

describe('concurrent runs', () => {
  it('share transactions from opening to end, over two tenants', async () => {
    const other = aTenant();
    await releaseFlow(fixture, other);
    const all = [...(await someRuns(15)), ...(await someRuns(15, other))];
    await openAll(all);
    await Promise.all(all.map((run) => attempts.begin(record(run))));
    await Promise.all(
      all.map((run, index) =>
        runs.close(refOf(run), index % 3 === 0 ? { state: 'dead_letter', failure } : success),
      ),
    );
    expect(await statesOf(all)).toEqual(
      all.map((_run, index) => (index % 3 === 0 ? 'dead_letter' : 'succeeded')),
    );
    const letters = await fixture.look<{ reason: string }>(
      'SELECT reason FROM dead_letters WHERE run_id = ANY($1)',
      [all.map(({ runId }) => runId)],
    );
    expect(letters).toEqual(Array.from({ length: 10 }, () => ({ reason: failure.reason })));
    const states = await fixture.look<{ state: string; count: string }>(
      'SELECT state, count(*) FROM inbox WHERE tenant = ANY($1) GROUP BY state ORDER BY state',
      [[tenant, other]],
    );
    expect(states).toEqual([
      { state: 'dead_letter', count: '10' },
      { state: 'succeeded', count: '20' },
    ]);
    const [shared] = await fixture.look<{ transactions: number }>(
      'SELECT count(DISTINCT xmin::text)::integer AS transactions FROM runs WHERE tenant = ANY($1)',
      [[tenant, other]],
    );
    expect(shared!.transactions).toBeLessThanOrEqual(3);
  });

  it('arm each key once, also when one asks twice at the same moment', async () => {
    const [run, other] = await someRuns(2);
    const effect = { run: refOf(run!), stepId: 'order', connection: 'erp', operation: 'order.create' };
    const key = { tenant, idempotencyKey: `${run!.origin}/order` };
    const answers = await Promise.all([
      ledger.intend(key, effect),
      ledger.intend(key, effect),
      ledger.intend({ tenant, idempotencyKey: `${other!.origin}/order` }, { ...effect, run: refOf(other!) }),
    ]);
    expect(answers.map(({ again }) => again).sort()).toEqual([false, false, true]);
    expect(answers[2].again).toBe(false);
  });

  it('record outputs and ends of their own', async () => {
    const all = await someRuns(5);
    const sealed = (text: string) => ({ ciphertext: Buffer.from(text), wrappedKey: 'k', keyName: 'n' });
    await Promise.all(
      all.map(async (run, index) => {
        const key = { tenant, idempotencyKey: `${run.origin}/order` };
        await ledger.intend(key, record(run));
        await ledger.settle(key, {
          state: 'confirmed',
          output: sealed(`\\x ${String(index)}`),
          reason: null,
        });
      }),
    );
    const again = await Promise.all(
      all.map((run) => ledger.intend({ tenant, idempotencyKey: `${run.origin}/order` }, record(run))),
    );
    expect(again.map(({ output }) => output?.ciphertext.toString())).toEqual(
      all.map((_run, index) => `\\x ${String(index)}`),
    );
    const loaded = await Promise.all(all.map((run) => deliveries.load(tenant, run.deliveryId)));
    expect(loaded.map(({ id }) => id)).toEqual(all.map(({ deliveryId }) => deliveryId));
  });
});

describe('a run that is opened again', () => {
  it('goes on with the numbers of its attempts, and does nothing once it ended', async () => {
    const [run] = await someRuns(1);
    expect(await runs.open(refOf(run!), 'first')).toEqual({ ended: false, attemptsMade: {} });
    await attempts.begin(record(run!, 1));
    await attempts.begin(record(run!, 2));
    expect(await runs.open(refOf(run!), 'second')).toEqual({ ended: false, attemptsMade: { order: 2 } });
    await runs.close(refOf(run!), success);
    expect(await runs.open(refOf(run!), 'third')).toMatchObject({ ended: true });
    const [row] = await fixture.look('SELECT state, temporal_run_id FROM runs WHERE id = $1', [run!.runId]);
    expect(row).toEqual({ state: 'succeeded', temporal_run_id: 'second' });
  });
});
