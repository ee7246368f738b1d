import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LaneView } from '@ecluse/contracts';
import { PostgresDeadLetterStore, PostgresLaneAdmin } from '@ecluse/storage/postgres';
import { eventually } from '@ecluse/testing';
import { laneWorkflowId } from '@ecluse/temporal';
import { LaneHarness, laneKeyOf } from './testing/lane-harness.js';

/**
 * Real: Temporal, PostgreSQL, Vault, the ERP, the bundled lane, all activities. Of the dispatcher: its stores and its
 * signal.
 */
let harness: LaneHarness;
let admin: PostgresLaneAdmin;

beforeAll(async () => {
  harness = await LaneHarness.create();
  admin = new PostgresLaneAdmin(harness.admin);
  harness.pump();
}, 60_000);

afterAll(() => harness.close(), 30_000);

const change = { actor: 'ada', requestId: 'req-1' };
const patient = { timeoutMs: 60_000 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const nameOf = (flow: string, key: string) => ({ flow, laneKey: laneKeyOf(key) });

async function ended(flow: string, key: string, states: string[]): Promise<void> {
  await eventually(async () => {
    expect((await harness.runs(flow, key)).map(({ state }) => state)).toEqual(states);
  }, patient);
}

/** The lane as the admin API shows it, once it is in this state. */
async function laneIs(flow: string, key: string, state: LaneView['state']): Promise<LaneView> {
  return eventually(async () => {
    const view = await admin.find('acme', nameOf(flow, key));
    expect(view?.state).toBe(state);
    return view!;
  }, patient);
}

/** Parks the lane of `key` at its second of four deliveries. */
async function parked(flow: string, key: string): Promise<LaneView> {
  await harness.refuse(key, 2);
  await harness.accept(flow, key, upTo(4));
  const lane = await laneIs(flow, key, 'parked');
  expect(await harness.moves(key)).toEqual([1]);
  expect(lane).toMatchObject({ depth: 2, failures: 1, lastSequence: null, retryAt: null });
  expect(lane.reason).toBe('ECL-4003: The move is refused.');
  expect(lane.next.map(({ state }) => state)).toEqual(['queued', 'queued']);
  return lane;
}

describe('park', () => {
  beforeAll(() => harness.release('park', {}));

  it('holds the key and no other; a retried dead letter runs first', async () => {
    const { deadLetterId } = await parked('park', 'p-1');
    await harness.accept('park', 'p-2', upTo(3));
    await ended('park', 'p-2', ['succeeded', 'succeeded', 'succeeded']);
    await harness.accommodate();
    await new PostgresDeadLetterStore(harness.admin).retry(
      'acme',
      deadLetterId!,
      { reason: 'mended' },
      change,
    );
    await ended('park', 'p-1', ['succeeded', 'dead_letter', 'succeeded', 'succeeded', 'succeeded']);
    expect(await harness.moves('p-1')).toEqual([1, 2, 3, 4]);
    expect(await laneIs('park', 'p-1', 'open')).toMatchObject({ depth: 0, failures: 0, reason: null });
  }, 90_000);

  it('parks again where the head fails again, and goes on where a person skips it', async () => {
    await parked('park', 'p-3');
    await admin.resume('acme', nameOf('park', 'p-3'), { reason: null }, change);
    await eventually(async () => {
      const letters = (await harness.runs('park', 'p-3')).map(({ letter_state }) => letter_state);
      expect(letters).toEqual([null, 'retried', 'open', null, null]);
    }, patient);
    await laneIs('park', 'p-3', 'parked');
    expect(await harness.moves('p-3')).toEqual([1]);
    await admin.skip('acme', nameOf('park', 'p-3'), { reason: 'not ours' }, change);
    await ended('park', 'p-3', ['succeeded', 'dead_letter', 'dead_letter', 'succeeded', 'succeeded']);
    expect(await harness.moves('p-3')).toEqual([1, 3, 4]);
  }, 90_000);

  it('runs the head with another body, and audits its hash only', async () => {
    const lane = await parked('park', 'p-4');
    const deliveryId = await admin.stoppedBy('acme', nameOf('park', 'p-4'));
    const plain = Buffer.from(JSON.stringify({ deal: { id: 'p-4', n: 22, note: 'canary-body' } }));
    const edit = {
      deliveryId,
      body: await harness.seal(deliveryId, plain),
      bodySha256: createHash('sha256').update(plain).digest('hex'),
      bodyBytes: plain.length,
      reason: 'wrong number',
      expectedVersion: lane.version,
    };
    await admin.edit('acme', nameOf('park', 'p-4'), edit, change);
    await ended('park', 'p-4', ['succeeded', 'dead_letter', 'succeeded', 'succeeded', 'succeeded']);
    expect(await harness.moves('p-4')).toEqual([1, 22, 3, 4]);
    const audit = await harness.flows.look(`SELECT * FROM audit WHERE action = 'lane.edited'`);
    expect(audit).toMatchObject([{ actor: 'ada', detail: { bodySha256: edit.bodySha256, editNo: 1 } }]);
    expect(JSON.stringify(audit)).not.toContain('canary');
    expect(
      await harness.flows.look('SELECT 1 FROM inbox_bodies WHERE delivery_id = $1', [deliveryId]),
    ).toHaveLength(1);
  }, 90_000);
});

describe('block', () => {
  it('tries the head again until it succeeds; the others wait', async () => {
    await harness.release('block', { onFailure: 'block' });
    await harness.refuse('b-1', 1);
    await harness.accept('block', 'b-1', upTo(3));
    const lane = await eventually(async () => {
      const view = await admin.find('acme', nameOf('block', 'b-1'));
      expect(view?.failures).toBeGreaterThanOrEqual(2);
      expect(view?.state).toBe('blocked');
      return view!;
    }, patient);
    expect(lane.depth).toBe(3);
    expect(await harness.moves('b-1')).toEqual([]);
    expect(
      await harness.flows.look(
        `SELECT 1 FROM dead_letters d JOIN runs r ON r.id = d.run_id WHERE r.flow = 'block'`,
      ),
    ).toEqual([]);
    await harness.accommodate();
    await admin.resume('acme', nameOf('block', 'b-1'), { reason: 'mended' }, change);
    await ended('block', 'b-1', ['succeeded', 'succeeded', 'succeeded']);
    expect(await harness.moves('b-1')).toEqual([1, 2, 3]);
    expect(await laneIs('block', 'b-1', 'open')).toMatchObject({ failures: 0, retryAt: null, reason: null });
  }, 90_000);

  it('goes on where a person skips the head', async () => {
    await harness.refuse('b-2', 1);
    await harness.accept('block', 'b-2', upTo(3));
    await eventually(async () => {
      // While the head is being tried, skipping is refused: ask again.
      await admin.skip('acme', nameOf('block', 'b-2'), { reason: 'not ours' }, change);
    }, patient);
    await ended('block', 'b-2', ['dead_letter', 'succeeded', 'succeeded']);
    expect((await harness.runs('block', 'b-2'))[0]).toMatchObject({ letter_state: 'discarded' });
    expect(await harness.moves('b-2')).toEqual([2, 3]);
  }, 90_000);
});

describe('skip', () => {
  it('makes a dead letter and goes on', async () => {
    await harness.release('skip', { onFailure: 'skip' });
    await harness.refuse('s-1', 2);
    await harness.accept('skip', 's-1', upTo(4));
    await ended('skip', 's-1', ['succeeded', 'dead_letter', 'succeeded', 'succeeded']);
    expect(await harness.moves('s-1')).toEqual([1, 3, 4]);
    expect(await laneIs('skip', 's-1', 'open')).toMatchObject({ failures: 0 });
  }, 60_000);
});

describe('latest', () => {
  it('runs the newest that triggers, and passes over what is older', async () => {
    await harness.release('latest', { onFailure: 'latest' }, { when: 'deal.kind = "won"' });
    await harness.accept('latest', 'l-1', upTo(6), { kind: 'won' });
    await ended(
      'latest',
      'l-1',
      Array.from({ length: 6 }, () => 'succeeded'),
    );
    const moves = await harness.moves('l-1');
    expect(moves.at(-1)).toBe(6);
    expect(moves.length).toBeLessThan(6);
    const passed = (await harness.runs('latest', 'l-1')).filter(({ triggered }) => triggered === false);
    expect(passed).toHaveLength(6 - moves.length);
    for (const { note } of passed) expect(note).toContain('a newer delivery of its key waited');
  }, 60_000);
});

describe('a sequence field', () => {
  it('grows strictly at the remote whatever the order of arrival; what is late is passed over, what is missing shown', async () => {
    await harness.release('sequence', { sequence: 'deal.n' });
    const arrival = [3, 1, 2, 7, 5, 6, 4, 9, 12, 8, 10, 11];
    await harness.accept('sequence', 'q-1', arrival);
    await ended(
      'sequence',
      'q-1',
      arrival.map(() => 'succeeded'),
    );
    expect(await harness.moves('q-1')).toEqual([3, 7, 9, 12]);
    const lane = await laneIs('sequence', 'q-1', 'open');
    expect(lane).toMatchObject({
      lastSequence: 12,
      gaps: [
        [4, 6],
        [8, 8],
        [10, 11],
      ],
    });
    const late = (await harness.runs('sequence', 'q-1')).filter(({ triggered }) => triggered === false);
    expect(late.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 5, 6, 4, 8, 10, 11]);
    expect(late[0]?.['note']).toContain('1 is not above 3');
  }, 60_000);
});

describe('a hot key', () => {
  it('with 300 waiting does not slow another', async () => {
    await harness.release('hot', {}, { short: true });
    await harness.accept('hot', 'h-1', upTo(300));
    await eventually(async () => {
      expect((await harness.moves('h-1')).length).toBeGreaterThan(3);
    }, patient);
    const before = Date.now();
    await harness.accept('hot', 'h-2', [1]);
    await ended('hot', 'h-2', ['succeeded']);
    const took = Date.now() - before;
    expect((await harness.moves('h-1')).length).toBeLessThan(250);
    expect(took).toBeLessThan(5_000);
    // Parks what is left of it, which would only slow the next test.
    for (const n of upTo(300)) await harness.refuse('h-1', n);
    await laneIs('hot', 'h-1', 'parked');
  }, 90_000);
});

describe('order', () => {
  it('is kept over 500 deliveries, doubled signals and several histories', async () => {
    await harness.release('long', {}, { short: true });
    harness.signals = 2;
    await harness.accept('long', 'deal-1', upTo(500));
    await eventually(
      async () => {
        expect(await harness.moves('deal-1')).toHaveLength(500);
      },
      { timeoutMs: 240_000 },
    );
    harness.signals = 1;
    expect(await harness.moves('deal-1')).toEqual(upTo(500));
    const lane = { tenant: 'acme', ...nameOf('long', 'deal-1') };
    const handle = harness.flows.temporal.client.workflow.getHandle(laneWorkflowId(lane));
    const { raw } = await handle.describe();
    const { firstRunId, execution } = raw.workflowExecutionInfo!;
    expect(firstRunId).not.toBe(execution!.runId);
  }, 260_000);
});
