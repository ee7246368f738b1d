import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FlowOrder, LaneItem, LaneState, RunState } from '@ecluse/contracts';
import { comparePositions, decideLane, type LaneFacts } from './lane-admission.js';
import { laneAfterFailure } from './lane-failure.js';
import { MAX_LANE_GAPS, recordSequence, type SequenceRecord } from './lane-sequence.js';

type Policy = NonNullable<FlowOrder['onFailure']>;
const POLICIES: Policy[] = ['block', 'park', 'skip', 'latest'];

function item(position: number, sequence?: number): LaneItem {
  const run = {
    tenant: 'acme',
    runId: `run-${String(position)}`,
    deliveryId: `delivery-${String(position)}`,
    flow: 'f',
    flowVersion: 1,
    flowSha256: '0',
    origin: 'o',
  };
  return { run, position: String(position), ...(sequence === undefined ? {} : { sequence }) };
}
const facts = (changes: Partial<LaneFacts> = {}): LaneFacts => ({
  state: 'open',
  retryAt: null,
  lastSequence: null,
  policy: 'park',
  earliestElsewhere: null,
  runs: {},
  ...changes,
});

describe('decideLane, what does not run', () => {
  it('holds what a stopped lane is handed', () => {
    expect(decideLane(facts({ state: 'parked' }), [item(1)], 0)).toEqual({ kind: 'hold' });
    expect(decideLane(facts({ state: 'blocked', retryAt: 11 }), [item(1)], 10)).toEqual({ kind: 'hold' });
    expect(decideLane(facts({ state: 'blocked', retryAt: 10 }), [item(1)], 10).kind).toBe('run');
  });
  it('holds while an earlier run of the key waits elsewhere, also beyond 2^53', () => {
    expect(decideLane(facts({ earliestElsewhere: '9' }), [item(10)], 0)).toEqual({ kind: 'hold' });
    const late = { ...item(1), position: '9007199254740993' };
    expect(decideLane(facts({ earliestElsewhere: '9007199254740992' }), [late], 0)).toEqual({ kind: 'hold' });
    expect(decideLane(facts({ earliestElsewhere: '11' }), [item(10)], 0).kind).toBe('run');
  });
  it('says what has ended, even where the lane is stopped', () => {
    const runs: Record<string, RunState> = { 'run-1': 'dead_letter', 'run-2': 'queued' };
    const decision = decideLane(facts({ state: 'parked', runs }), [item(1), item(2)], 0);
    expect(decision).toEqual({ kind: 'ended', runIds: ['run-1'] });
  });
  it('passes over a number that is not above the last one', () => {
    const decision = decideLane(facts({ lastSequence: 5 }), [item(1, 5)], 0);
    expect(decision).toMatchObject({ kind: 'stale', lastSequence: 5 });
  });
});

describe('decideLane under latest', () => {
  it('does not run ahead of what waits elsewhere', () => {
    const lane = facts({ policy: 'latest', earliestElsewhere: '3' });
    expect(decideLane(lane, [item(1), item(2), item(4)], 0)).toMatchObject({ item: { position: '2' } });
    expect(decideLane(lane, [item(4)], 0)).toEqual({ kind: 'hold' });
  });
  const latest = facts({ policy: 'latest' });
  it('runs the last to arrive, or the highest number where all have one', () => {
    expect(decideLane(latest, [item(1), item(2, 9), item(3)], 0)).toMatchObject({
      item: { position: '3' },
      older: [{ position: '1' }, { position: '2' }],
    });
    expect(decideLane(latest, [item(1, 4), item(2, 9), item(3, 7)], 0)).toMatchObject({
      item: { position: '2' },
    });
  });
});

describe('recordSequence', () => {
  it('is exact: the gaps are the numbers below the last that did not take effect', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(numbers, (arrivals) => {
        const after = arrivals.reduce<SequenceRecord>(recordSequence, { last: null, gaps: [] });
        const [first] = arrivals;
        if (first === undefined) return;
        const last = Math.max(...arrivals);
        const missing = Array.from({ length: last }, (_, index) => index + 1).filter(
          (number) => number > first && !arrivals.includes(number),
        );
        const shown = after.gaps.flatMap(([from, to]) =>
          Array.from({ length: to - from + 1 }, (_, index) => from + index),
        );
        expect([after.last, shown]).toEqual([last, missing]);
      }),
    );
  });
  it('forgets the oldest gaps first', () => {
    const odd = Array.from({ length: 300 }, (_, index) => 2 * index + 1);
    const { gaps } = odd.reduce<SequenceRecord>(recordSequence, { last: null, gaps: [] });
    expect(gaps).toHaveLength(MAX_LANE_GAPS);
    expect(gaps.at(-1)).toEqual([598, 598]);
  });
});

describe('laneAfterFailure', () => {
  it('pauses ever longer, up to five minutes', () => {
    const pauses = [1, 2, 3, 9, 10, 1_000_000].map(
      (failures) => laneAfterFailure('block', failures).retryAfterMs,
    );
    expect(pauses).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  });
});

/** What happens to a lane: hand-overs in any order and number, writes that fail, persons, crashes of the engine. */
type Happening =
  | { kind: 'hand'; size: number; again: boolean }
  | { kind: 'work'; fails: boolean }
  | { kind: 'resume' }
  | { kind: 'time' }
  | { kind: 'wipe' };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('hand' as const),
    size: fc.integer({ min: 1, max: 4 }),
    again: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('work' as const), fails: fc.boolean() }),
  fc.constantFrom<Happening>({ kind: 'resume' }, { kind: 'time' }, { kind: 'wipe' }),
);

/** A lane with its database, its dispatcher, and a workflow that holds what it was handed. */
class LaneModel {
  readonly written: LaneItem[] = [];
  readonly states: RunState[];
  #state: LaneState = 'open';
  #retryAt: number | null = null;
  #sequence: SequenceRecord = { last: null, gaps: [] };
  #failures = 0;
  #now = 0;
  #held = new Set<number>();
  #stoppedBy: number | null = null;

  constructor(
    private readonly policy: Policy,
    readonly items: readonly LaneItem[],
  ) {
    this.states = items.map(() => 'queued');
  }

  apply(event: Happening): void {
    if (event.kind === 'hand') this.#hand(event.size, event.again);
    if (event.kind === 'work') this.#work(event.fails);
    if (event.kind === 'time') this.#now += 400_000;
    // The engine forgets the workflow; the reconciler gives its runs back.
    if (event.kind === 'wipe') this.#giveBack();
    if (event.kind === 'resume' && this.#state === 'parked' && this.#stoppedBy !== null) {
      this.states[this.#stoppedBy] = 'queued';
      this.#state = 'open';
    }
  }

  /** A late signal may bring runs that were given back meanwhile, or a repetition what has ended. */
  #hand(size: number, again: boolean): void {
    const queued = this.states.flatMap((state, index) => (state === 'queued' ? [index] : []));
    const from = again ? this.items.map((_, index) => index).slice(-size) : queued.slice(0, size);
    for (const index of from) {
      this.#held.add(index);
      if (this.states[index] === 'queued') this.states[index] = 'started';
    }
  }

  #work(fails: boolean): void {
    const pending = [...this.#held].sort((left, right) => left - right);
    if (pending.length === 0) return;
    const decision = decideLane(
      this.#facts(),
      pending.map((index) => this.items[index]!),
      this.#now,
    );
    if (decision.kind === 'hold') this.#giveBack();
    if (decision.kind === 'ended') for (const id of decision.runIds) this.#held.delete(this.#indexOf(id));
    if (decision.kind === 'stale') this.#end(this.#indexOf(decision.item.run.runId), 'succeeded');
    if (decision.kind === 'run') this.#run(decision.item, decision.older, fails);
  }

  #run(ran: LaneItem, older: readonly LaneItem[], fails: boolean): void {
    for (const passed of older) {
      this.#sequence = recordSequence(this.#sequence, passed.sequence);
      this.#end(this.#indexOf(passed.run.runId), 'succeeded');
    }
    const index = this.#indexOf(ran.run.runId);
    if (!fails) {
      this.written.push(ran);
      this.#sequence = recordSequence(this.#sequence, ran.sequence);
      this.#state = 'open';
      this.#failures = 0;
      this.#end(index, 'succeeded');
      return;
    }
    const after = laneAfterFailure(this.policy, (this.#failures += 1));
    this.#end(index, after.run);
    this.#state = after.lane;
    this.#retryAt = after.retryAfterMs === null ? null : this.#now + after.retryAfterMs;
    this.#stoppedBy = index;
    if (after.lane !== 'open') this.#giveBack();
  }

  #end(index: number, state: RunState): void {
    this.states[index] = state;
    this.#held.delete(index);
  }

  /** Orphans before what is given back go with it. */
  #giveBack(): void {
    this.states.forEach((state, index) => {
      if (state === 'started') this.states[index] = 'queued';
    });
    this.#held.clear();
  }

  #facts(): LaneFacts {
    const elsewhere = this.states.findIndex(
      (state, index) => (state === 'queued' || state === 'started') && !this.#held.has(index),
    );
    const runs = this.items.map(({ run }, index) => [run.runId, this.states[index]!] as const);
    return {
      state: this.#state,
      retryAt: this.#retryAt,
      lastSequence: this.#sequence.last,
      policy: this.policy,
      earliestElsewhere: this.items[elsewhere]?.position ?? null,
      runs: Object.fromEntries(runs),
    };
  }

  #indexOf(runId: string): number {
    return this.items.findIndex(({ run }) => run.runId === runId);
  }

  /** Goes on until nothing waits: persons resume, time passes, nothing fails any more. */
  settle(): void {
    const round: Happening[] = [
      { kind: 'time' },
      { kind: 'resume' },
      { kind: 'hand', size: 4, again: false },
      ...Array.from({ length: 8 }, () => ({ kind: 'work' as const, fails: false })),
    ];
    for (let rounds = 0; rounds < 40; rounds += 1) for (const event of round) this.apply(event);
  }
}

const sequences = fc.oneof(
  fc.constant(undefined),
  fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 12, maxLength: 12 }),
);
const lanes = fc.record({
  policy: fc.constantFrom(...POLICIES),
  numbers: sequences,
  events: fc.array(happening, { maxLength: 60 }),
});

describe('a lane, whatever happens', () => {
  it('writes in order, never twice, and ends every run', () => {
    fc.assert(
      fc.property(lanes, ({ policy, numbers, events }) => {
        const items = Array.from({ length: 12 }, (_, index) => item(index + 1, numbers?.[index]));
        const lane = new LaneModel(policy, items);
        for (const event of events) lane.apply(event);
        lane.settle();
        const ids = lane.written.map(({ run }) => run.runId);
        expect(new Set(ids).size).toBe(ids.length);
        if (numbers === undefined) {
          const positions = lane.written.map(({ position }) => position);
          expect(positions).toEqual([...positions].sort(comparePositions));
        } else {
          const written = lane.written.map(({ sequence }) => sequence ?? 0);
          expect(written).toEqual([...new Set(written)].sort((left, right) => left - right));
        }
        const open = lane.states.filter((state) => state !== 'succeeded' && state !== 'dead_letter');
        expect(open).toEqual([]);
        if ((policy === 'park' || policy === 'block') && numbers === undefined) expect(ids).toHaveLength(12);
      }),
      { numRuns: 500 },
    );
  });
});
