import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresConnectionStates, PostgresRunStore, PostgresRunWaits } from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { StorageFixture, aTenant, acceptedRuns, refOf, releaseFlow, succeedRun } from './storage-fixture.js';

let fixture: StorageFixture;
let states: PostgresConnectionStates;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  states = new PostgresConnectionStates(await fixture.as('worker'));
}, 60_000);
afterAll(() => fixture.close());

const OPEN = { state: 'open', reason: 'No answer.', failures: 10, openings: 1, openForMs: 60_000 } as const;
const CLOSED = { state: 'closed', reason: null, failures: 0, openings: 0, openForMs: 0 } as const;

async function heldSince(tenant: string): Promise<Date | null | undefined> {
  const text = 'SELECT held_since FROM connection_states WHERE tenant = $1';
  return (await fixture.look<{ held_since: Date | null }>(text, [tenant]))[0]?.held_since;
}

describe('states of connections', () => {
  it('are those of one tenant', async () => {
    const [ours, theirs] = [aTenant(), aTenant()];
    await states.change(ours, 'erp', OPEN, 0);
    expect(await states.load(theirs)).toEqual([]);
    const [stored] = await states.load(ours);
    expect(stored).toMatchObject({
      connection: 'erp',
      state: 'open',
      reason: 'No answer.',
      openings: 1,
      version: 1,
    });
    expect(stored?.openForMs).toBeGreaterThan(50_000);
    expect(stored?.openForMs).toBeLessThanOrEqual(60_000);
  });

  it('are written by the one that knows the last version; the others learn what stands', async () => {
    const tenant = aTenant();
    const answers = await Promise.all([1, 2, 3].map(() => states.change(tenant, 'erp', OPEN, 0)));
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
    expect(answers.map(({ stored }) => stored.version)).toEqual([1, 1, 1]);
    expect(await states.change(tenant, 'erp', CLOSED, 7)).toMatchObject({
      changed: false,
      stored: { state: 'open', version: 1 },
    });
    expect(await states.change(tenant, 'erp', CLOSED, 1)).toMatchObject({
      changed: true,
      stored: { state: 'closed', openForMs: 0, version: 2 },
    });
  });

  it('tell since when the connection is held, over all probes', async () => {
    const tenant = aTenant();
    await states.change(tenant, 'erp', OPEN, 0);
    const since = await heldSince(tenant);
    expect(since).toBeInstanceOf(Date);
    await states.change(tenant, 'erp', { ...OPEN, openings: 2 }, 1);
    expect(await heldSince(tenant)).toEqual(since);
    await states.change(tenant, 'erp', CLOSED, 2);
    expect(await heldSince(tenant)).toBeNull();
  });

  it('that an operator paused are not changed by a worker', async () => {
    const tenant = aTenant();
    await states.change(tenant, 'erp', CLOSED, 0);
    await fixture.look("UPDATE connection_states SET state = 'paused', reason = 'x' WHERE tenant = $1", [
      tenant,
    ]);
    expect(await states.change(tenant, 'erp', OPEN, 1)).toMatchObject({
      changed: false,
      stored: { state: 'paused' },
    });
  });

  it('are told to those who listen', async () => {
    let told = 0;
    const stop = await states.onChange(() => (told += 1));
    await states.change(aTenant(), 'erp', OPEN, 0);
    await eventually(() => {
      expect(told).toBe(1);
    });
    await stop();
  });
});

describe('what a run waits for', () => {
  it('is shown while the run is open, and not written to one that has ended', async () => {
    const tenant = aTenant();
    await releaseFlow(fixture, tenant);
    const [run] = await acceptedRuns(fixture, tenant);
    const ref = refOf(run!);
    const waits = new PostgresRunWaits(await fixture.as('worker'));
    const shown = async () =>
      (
        await fixture.look<{ waiting_for: string | null }>('SELECT waiting_for FROM runs WHERE id = $1', [
          ref.runId,
        ])
      )[0]?.waiting_for;
    await new PostgresRunStore(await fixture.as('worker')).open(ref, randomUUID());
    await waits.waitFor(ref, 'connection erp is paused');
    expect(await shown()).toBe('connection erp is paused');
    await waits.waitFor({ ...ref, tenant: aTenant() }, null);
    expect(await shown()).toBe('connection erp is paused');
    await waits.waitFor(ref, null);
    expect(await shown()).toBeNull();
    await succeedRun(fixture, run!);
    await waits.waitFor(ref, 'too late');
    expect(await shown()).toBeNull();
  });
});
