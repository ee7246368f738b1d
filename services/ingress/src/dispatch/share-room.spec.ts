import { describe, expect, it } from '@jest/globals';
import type { QueueLook } from '@ecluse/storage';
import fc from 'fast-check';
import { QUEUE_LIMITS, quotaOf } from './queue-quota.js';
import { shareRoom } from './share-room.js';

const BASE: QueueLook = {
  queue: 'acme/flow',
  laneKey: null,
  waiting: 0,
  alone: 0,
  batchable: 0,
  headVersion: 1,
  batchMax: 100,
  batchWithinMs: 0,
  oldestMs: 0,
  dueMs: null,
  unopened: 0,
  openBatches: 0,
  unopenedBatches: 0,
  connection: 'free',
};
const waiting = (count: number, change: Partial<QueueLook> = {}): QueueLook => ({
  ...BASE,
  waiting: count,
  batchable: count,
  ...change,
});
const of = (look: QueueLook, inFlight = 0) => quotaOf(look, inFlight, QUEUE_LIMITS);

/** Any queue that the store could answer with. */
const anyLook = fc
  .record({
    laneKey: fc.option(fc.constant('k')),
    waiting: fc.integer({ min: 0, max: 600 }),
    aloneShare: fc.double({ min: 0, max: 1, noNaN: true }),
    versionShare: fc.double({ min: 0, max: 1, noNaN: true }),
    batchMax: fc.constantFrom(1, 2, 100, 500),
    batchWithinMs: fc.constantFrom(0, 200),
    oldestMs: fc.integer({ min: 0, max: 1_000 }),
    unopened: fc.integer({ min: 0, max: 130 }),
    openBatches: fc.integer({ min: 0, max: 6 }),
    openedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    connection: fc.constantFrom('free' as const, 'held' as const, 'probe' as const),
  })
  .map(({ aloneShare, versionShare, openedShare, ...rest }): QueueLook => {
    const alone = Math.round(rest.waiting * aloneShare);
    const unopenedBatches = Math.round(rest.openBatches * openedShare);
    const batchable = Math.round((rest.waiting - alone) * versionShare);
    return { ...BASE, ...rest, alone, unopenedBatches, batchable };
  });

describe('quotaOf', () => {
  it.each<[string, QueueLook, object]>([
    ['nothing where nothing waits', BASE, { runs: 0, batch: 0, heldMs: null }],
    ['own runs while they fit', waiting(8), { runs: 8, aloneOnly: false, batch: 0, heldMs: null }],
    ['one batch as soon as they do not', waiting(9), { runs: 0, batch: 9, heldMs: null }],
    ['no more than a batch may hold', waiting(500), { batch: 100, heldMs: Infinity }],
    [
      'no batch beyond those that wait for a worker',
      waiting(500, { openBatches: 2, unopenedBatches: 2 }),
      { batch: 0, heldMs: Infinity },
    ],
    [
      'no batch beyond those that are open',
      waiting(500, { openBatches: 4 }),
      { batch: 0, runs: 0, heldMs: Infinity },
    ],
    [
      'runs that must go alone beside the batch',
      waiting(20, { alone: 3, batchable: 17 }),
      { runs: 3, aloneOnly: true, batch: 17 },
    ],
    [
      'own runs only, where batches are off',
      waiting(100, { batchMax: 1 }),
      { runs: 64, aloneOnly: false, batch: 0 },
    ],
    [
      'nothing for a held connection',
      waiting(5, { connection: 'held' }),
      { runs: 0, batch: 0, heldMs: Infinity },
    ],
    ['a few for a circuit that may close', waiting(50, { connection: 'probe' }), { runs: 2, batch: 0 }],
    [
      'a patient flow waits for company',
      waiting(5, { batchWithinMs: 200, oldestMs: 50 }),
      { runs: 0, batch: 0, heldMs: 150 },
    ],
    [
      'a patient flow goes when its head is old',
      waiting(5, { batchWithinMs: 200, oldestMs: 200 }),
      { batch: 5 },
    ],
    ['a patient flow goes when its batch is full', waiting(100, { batchWithinMs: 200 }), { batch: 100 }],
    [
      'a patient flow whose head found no company goes alone',
      waiting(1, { batchWithinMs: 200, oldestMs: 201 }),
      { runs: 1, batch: 0 },
    ],
    [
      'a lane up to what it may hold',
      waiting(80, { laneKey: 'k', batchMax: 1, unopened: 10 }),
      { lane: 40, runs: 0 },
    ],
    ['one of a lane as a probe', waiting(8, { laneKey: 'k', connection: 'probe' }), { lane: 1 }],
  ])('gives %s', (_name, look, expected) => {
    expect(of(look)).toMatchObject(expected);
  });

  it('tells when a run that waits for time alone is due', () => {
    expect(of({ ...BASE, dueMs: 700 }).heldMs).toBe(700);
    const shared = shareRoom(
      [{ ...BASE, dueMs: 700 }, waiting(5, { connection: 'held' })],
      8,
      QUEUE_LIMITS,
      () => 0,
    );
    expect(shared).toMatchObject({ capped: true, dueMs: 700 });
  });

  it('counts what is claimed and not yet marked', () => {
    expect(of(waiting(8), 5)).toMatchObject({ runs: 0, batch: 8 });
    expect(of(waiting(100, { batchMax: 1 }), 60)).toMatchObject({ runs: 4 });
  });

  it('never exceeds a cap, and never gives more than waits', () => {
    fc.assert(
      fc.property(anyLook, fc.integer({ min: 0, max: 80 }), (look, inFlight) => {
        const quota = of(look, inFlight);
        const slots = look.batchMax === 1 ? QUEUE_LIMITS.ownRuns : QUEUE_LIMITS.adaptiveOwnRuns;
        expect(quota.runs).toBeLessThanOrEqual(Math.max(0, slots - look.unopened - inFlight));
        expect(quota.lane).toBeLessThanOrEqual(Math.max(0, QUEUE_LIMITS.laneRuns - look.unopened));
        expect(quota.batch).toBeLessThanOrEqual(look.batchMax);
        expect(quota.batch).not.toBe(1);
        if (quota.batch > 0) {
          expect(look.openBatches).toBeLessThan(QUEUE_LIMITS.batches);
          expect(look.unopenedBatches).toBeLessThan(QUEUE_LIMITS.unopenedBatches);
        }
        const given = quota.runs + quota.lane + quota.batch;
        expect(given).toBeLessThanOrEqual(look.waiting);
        // What is given to nobody is held, so that the dispatcher looks again before the slow poll.
        if (given < look.waiting) expect(quota.heldMs).not.toBeNull();
      }),
    );
  });

  it('starves nothing: what waits moves as soon as nothing of its queue is under way', () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const rested = {
          ...look,
          unopened: 0,
          openBatches: 0,
          unopenedBatches: 0,
          connection: 'free' as const,
        };
        const quota = of({ ...rested, oldestMs: look.batchWithinMs });
        expect(quota.runs + quota.lane + quota.batch > 0).toBe(look.waiting > 0);
      }),
    );
  });
});

describe('shareRoom', () => {
  const looks = fc
    .array(anyLook, { maxLength: 40 })
    .map((list) => list.map((look, index) => ({ ...look, queue: `q${String(index).padStart(2, '0')}` })));

  it('starts no more than there is room for, and each queue no more than its quota', () => {
    fc.assert(
      fc.property(looks, fc.integer({ min: 1, max: 64 }), (list, room) => {
        const shared = shareRoom(list, room, QUEUE_LIMITS, () => 0);
        const starts =
          shared.runs.reduce((sum, { size }) => sum + size, 0) + shared.batches.length + shared.lanes.length;
        expect(starts).toBe(shared.starts);
        expect(starts).toBeLessThanOrEqual(room);
        for (const { queue, size } of shared.runs) {
          const look = list.find((candidate) => candidate.queue === queue);
          expect(size).toBeLessThanOrEqual(look === undefined ? 0 : of(look).runs);
        }
      }),
    );
  });

  it('reaches every queue in turn, however small the room', () => {
    fc.assert(
      fc.property(looks, fc.integer({ min: 1, max: 8 }), (list, room) => {
        const served = new Set<string>();
        for (let rest = list; rest.length > 0;) {
          const shared = shareRoom(rest, room, QUEUE_LIMITS, () => 0);
          for (const { queue } of [...shared.runs, ...shared.batches, ...shared.lanes]) served.add(queue);
          rest = rest.filter(({ queue }) => queue > (shared.after ?? ''));
        }
        const wanting = list.filter((look) => of(look).runs + of(look).batch + of(look).lane > 0);
        expect([...served].sort()).toEqual(wanting.map(({ queue }) => queue));
      }),
    );
  });

  it('gives a small queue all it wants and a large one the rest', () => {
    const shared = shareRoom(
      [
        waiting(500, { queue: 'a', batchMax: 1 }),
        waiting(1, { queue: 'b', batchMax: 1 }),
        waiting(3, { queue: 'c', batchMax: 1 }),
      ],
      32,
      QUEUE_LIMITS,
      () => 0,
    );
    expect(shared.runs.map(({ queue, size }) => [queue, size])).toEqual([
      ['a', 28],
      ['b', 1],
      ['c', 3],
    ]);
  });
});
