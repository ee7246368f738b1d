import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { BatchRef, RunResult } from '@ecluse/contracts';
import type { QueuedRun } from '@ecluse/storage';
import { PostgresBatchStore, PostgresRunStore } from '@ecluse/storage/postgres';
import { StorageFixture, aTenant, acceptedRuns, refOf, refusalOf, releaseFlow } from './storage-fixture.js';

let fixture: StorageFixture;
let batches: PostgresBatchStore;
let tenant: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  batches = new PostgresBatchStore(await fixture.as('worker'));
});
beforeEach(async () => {
  tenant = aTenant();
  await releaseFlow(fixture, tenant);
});
afterAll(() => fixture.close());

/** Puts runs into a batch as the dispatcher does. */
async function batchOf(runs: QueuedRun[]): Promise<BatchRef> {
  const [{ flow, flowVersion, flowSha256 }] = runs as [QueuedRun];
  const batchId = randomUUID();
  await fixture.look(
    `INSERT INTO batches (id, tenant, flow, flow_version, flow_sha256, queue, workflow_id, size, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'started')`,
    [
      ...[batchId, tenant, flow, flowVersion, flowSha256],
      ...[`${tenant}/${flow}`, `batch:${tenant}:${batchId}`, runs.length],
    ],
  );
  await fixture.look("UPDATE runs SET state = 'started', batch_id = $1 WHERE id = ANY($2)", [
    batchId,
    runs.map(({ runId }) => runId),
  ]);
  return { tenant, batchId, flow, flowVersion, flowSha256 };
}
async function someRuns(count: number): Promise<QueuedRun[]> {
  const runs: QueuedRun[] = [];
  for (let index = 0; index < count; index += 1) runs.push(...(await acceptedRuns(fixture, tenant)));
  return runs;
}
async function states(runs: QueuedRun[]) {
  const rows = await fixture.look<{ id: string; run: string; delivery: string }>(
    `SELECT r.id, r.state AS run, i.state AS delivery FROM runs r JOIN inbox i ON i.id = r.delivery_id
     WHERE r.id = ANY($1)`,
    [runs.map(({ runId }) => runId)],
  );
  return runs.map(({ runId }) => {
    const row = rows.find(({ id }) => id === runId);
    return `${String(row?.run)}/${String(row?.delivery)}`;
  });
}
/** Ends runs of a batch as its activities do. */
async function end({ batchId }: BatchRef, of: QueuedRun[], result: RunResult): Promise<void> {
  const runs = new PostgresRunStore(await fixture.as('worker'));
  await Promise.all(of.map((run) => runs.close(refOf(run), result, { batchId })));
}
const SUCCEEDED: RunResult = { state: 'succeeded', triggered: true };
const REFUSED: RunResult = {
  state: 'dead_letter',
  failure: { stepId: 'order', code: 'ECL-4003', outcome: 'invalid', reason: 'no such product' },
};

describe('PostgresBatchStore, refusals', () => {
  it('reaches neither another tenant nor runs that do not name the batch', async () => {
    const [inside, outside] = (await someRuns(2)) as [QueuedRun, QueuedRun];
    const batch = await batchOf([inside]);
    expect(await batches.open({ ...batch, tenant: aTenant() }, 't')).toBe('closed');
    await batches.open(batch, 't');
    await new PostgresRunStore(await fixture.as('worker')).open(refOf(outside), 't');
    expect(await refusalOf(end(batch, [outside], SUCCEEDED))).toBe('STATE_CONFLICT');
    await batches.leave(batch, [{ runId: outside.runId, pauseMs: 0, reason: null }]);
    expect(await states([inside, outside])).toEqual(['running/running', 'running/running']);
  });

  it('cannot touch a run that the reconciler took back, and has it in no list', async () => {
    const [run] = (await someRuns(1)) as [QueuedRun];
    const batch = await batchOf([run]);
    await batches.open(batch, 't');
    await fixture.look("UPDATE runs SET state = 'queued', batch_id = NULL WHERE id = $1", [run.runId]);
    expect(await refusalOf(end(batch, [run], REFUSED))).toBe('STATE_CONFLICT');
    expect(await batches.members(batch)).toEqual([]);
    expect(await states([run])).toEqual(['queued/running']);
  });

  it('does not open again what is closed', async () => {
    const batch = await batchOf(await someRuns(1));
    await batches.open(batch, 't');
    await batches.close(batch);
    expect(await batches.open(batch, 't')).toBe('closed');
  });
});

describe('a batch', () => {
  it('opens its runs in order of arrival, and again after a crash', async () => {
    const runs = await someRuns(3);
    const batch = await batchOf(runs);
    for (const temporalRun of ['first', 'second'])
      expect(await batches.open(batch, temporalRun)).toBe('open');
    expect(await batches.members(batch)).toEqual(runs.map(refOf));
    const [row] = await fixture.look('SELECT state, temporal_run_id FROM batches WHERE id = $1', [
      batch.batchId,
    ]);
    expect(row).toEqual({ state: 'running', temporal_run_id: 'second' });
  });

  it('ends each run once, with its dead letter and the state of its delivery', async () => {
    const runs = (await someRuns(2)) as [QueuedRun, QueuedRun];
    const batch = await batchOf(runs);
    await batches.open(batch, 't');
    await Promise.all([end(batch, [runs[0]], SUCCEEDED), end(batch, [runs[1]], REFUSED)]);
    await end(batch, runs, REFUSED);
    expect(await states(runs)).toEqual(['succeeded/succeeded', 'dead_letter/dead_letter']);
    const letters = await fixture.look('SELECT run_id, step_id, code FROM dead_letters WHERE tenant = $1', [
      tenant,
    ]);
    expect(letters).toEqual([{ run_id: runs[1].runId, step_id: 'order', code: 'ECL-4003' }]);
  });

  it('gives a leaving run back to the dispatcher, to be started alone after its pause', async () => {
    const runs = (await someRuns(2)) as [QueuedRun, QueuedRun];
    const batch = await batchOf(runs);
    await batches.open(batch, 't');
    await batches.leave(batch, [{ runId: runs[0].runId, pauseMs: 60_000, reason: 'The remote is away.' }]);
    const [row] = await fixture.look(
      `SELECT state, batch_id, note, start_reason, claimed_by, claimed_until > now() + interval '50s' AS pauses
       FROM runs WHERE id = $1`,
      [runs[0].runId],
    );
    expect(row).toEqual({
      state: 'queued',
      batch_id: null,
      note: 'left batch',
      start_reason: 'The remote is away.',
      claimed_by: null,
      pauses: true,
    });
    expect(await batches.members(batch)).toEqual([refOf(runs[1])]);
  });

  it('shows what its runs wait for', async () => {
    const [run] = (await someRuns(1)) as [QueuedRun];
    const batch = await batchOf([run]);
    await batches.open(batch, 't');
    const waitingFor = () => fixture.look('SELECT waiting_for FROM runs WHERE id = $1', [run.runId]);
    await batches.waitFor(batch, 'connection erp');
    expect(await waitingFor()).toEqual([{ waiting_for: 'connection erp' }]);
    await batches.waitFor(batch, null);
    expect(await waitingFor()).toEqual([{ waiting_for: null }]);
  });

  it('keeps outputs by step until it is closed', async () => {
    const batch = await batchOf(await someRuns(1));
    await batches.open(batch, 't');
    const sealed = (text: string) => ({ ciphertext: Buffer.from(text), wrappedKey: 'w', keyName: 'k' });
    await batches.saveOutputs(batch, 'customer', sealed('first'));
    await batches.saveOutputs(batch, 'customer', sealed('second'));
    expect(await batches.outputs(batch)).toEqual(new Map([['customer', sealed('second')]]));
    await batches.close(batch);
    expect(await batches.outputs(batch)).toEqual(new Map());
  });

  it('leaves a delivery as running while another flow works on it, whichever batch ends first', async () => {
    await releaseFlow(fixture, tenant, 'deal-to-mail');
    const runs = await someRuns(6);
    const byFlow = ['deal-to-order', 'deal-to-mail'].map((flow) => runs.filter((run) => run.flow === flow));
    const [orders, mails] = (await Promise.all(byFlow.map(batchOf))) as [BatchRef, BatchRef];
    for (const batch of [orders, mails]) await batches.open(batch, 't');
    const [first = [], second = []] = byFlow;
    // Opposite orders: without one order of locks this is a deadlock.
    await Promise.all([end(orders, first, SUCCEEDED), end(mails, second.toReversed(), REFUSED)]);
    const last = await states(byFlow[0] ?? []);
    expect(last).toEqual(last.map(() => 'succeeded/dead_letter'));
  });
});
