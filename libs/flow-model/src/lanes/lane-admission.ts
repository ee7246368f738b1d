import type { FlowOrder, LaneItem, LaneState, RunState } from '@ecluse/contracts';

/** What is known of a lane when it is about to run something. */
export interface LaneFacts {
  state: LaneState;
  /** Milliseconds since 1970; null: not blocked. */
  retryAt: number | null;
  lastSequence: number | null;
  /** The policy of the flow version that the lane's head was planned for. */
  policy: NonNullable<FlowOrder['onFailure']>;
  /** Position of the earliest run of the key that has not ended and that the lane does not hold; null: there is none. */
  earliestElsewhere: string | null;
  /** State of each run that the lane holds, by run id. */
  runs: Readonly<Record<string, RunState>>;
}
export type LaneDecision =
  | { kind: 'hold' }
  /** Their ends are recorded already: repeated starts and signals. */
  | { kind: 'ended'; runIds: string[] }
  /** Its number is not above the last one that ran: newer data was written already. */
  | { kind: 'stale'; item: LaneItem; lastSequence: number }
  /** `older` are passed over once it is known that `item` triggers the flow. */
  | { kind: 'run'; item: LaneItem; older: LaneItem[] };

/**
 * What a lane does with the runs that it holds. Never answers `run` while an earlier run of the key waits elsewhere:
 * after a failure what was handed over goes back to its queue, and a signal may have been on its way meanwhile.
 * @param pending Not empty, in order of position. @param now Milliseconds since 1970.
 */
export function decideLane(facts: LaneFacts, pending: readonly LaneItem[], now: number): LaneDecision {
  const ended = pending.filter(({ run }) => isEnded(facts.runs[run.runId]));
  if (ended.length > 0) return { kind: 'ended', runIds: ended.map(({ run }) => run.runId) };
  if (isHeld(facts, now)) return { kind: 'hold' };
  const first = facts.earliestElsewhere;
  const free =
    first === null ? pending : pending.filter(({ position }) => comparePositions(position, first) < 0);
  const [head] = free;
  if (head === undefined) return { kind: 'hold' };
  const stale = free.find(({ sequence }) => isStale(sequence, facts.lastSequence));
  if (stale !== undefined && (facts.policy === 'latest' || stale === head)) {
    return { kind: 'stale', item: stale, lastSequence: facts.lastSequence ?? 0 };
  }
  if (facts.policy !== 'latest') return { kind: 'run', item: head, older: [] };
  const item = newestOf(free);
  return { kind: 'run', item, older: free.filter((other) => other !== item) };
}

function isEnded(state: RunState | undefined): boolean {
  return state === 'succeeded' || state === 'dead_letter';
}

function isHeld({ state, retryAt }: LaneFacts, now: number): boolean {
  return state === 'parked' || (state === 'blocked' && retryAt !== null && retryAt > now);
}

function isStale(sequence: number | undefined, last: number | null): boolean {
  return sequence !== undefined && last !== null && sequence <= last;
}

/** By sequence where all have one, since the door may have accepted a newer message first; else by arrival. */
function newestOf(pending: readonly LaneItem[]): LaneItem {
  const bySequence = pending.every(({ sequence }) => sequence !== undefined);
  return pending.reduce((newest, item) => {
    const ahead = bySequence ? (item.sequence ?? 0) - (newest.sequence ?? 0) : 0;
    return ahead > 0 || (ahead === 0 && comparePositions(item.position, newest.position) > 0) ? item : newest;
  });
}

/** Order of two positions, which are whole numbers from 0 as text: they may exceed 2^53. */
export function comparePositions(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}
