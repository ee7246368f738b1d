import type {
  CloseLaneInput,
  FlowRunActivities,
  LaneItem,
  LaneOpening,
  LaneRecordActivities,
  OpenLaneInput,
} from '@ecluse/contracts';
import { failure } from './flow-behaviours.js';

/** One behaviour of the lane, with a recorded history. */
export interface LaneBehaviour {
  name: string;
  /** Positions as they are delivered, signal by signal. */
  signals: number[][];
  /** Positions whose call is refused for good; the lane stops at them. */
  refused?: number[];
  /** The store says that nothing may run. */
  held?: boolean;
  /** Positions in the order in which they were closed. */
  expected: number[];
  /** Positions that went back to their queue. */
  expectedBack?: number[];
}

export const LANE_BEHAVIOURS: LaneBehaviour[] = [
  { name: 'in-order-of-arrival', signals: [[3, 1, 2]], expected: [1, 2, 3] },
  {
    name: 'repeated-signals',
    signals: [
      [1, 2],
      [1, 2],
      [2, 3],
    ],
    expected: [1, 2, 3],
  },
  {
    name: 'stops-at-a-failure',
    signals: [[1, 2, 3, 4]],
    refused: [2],
    expected: [1, 2],
    expectedBack: [3, 4],
  },
  { name: 'is-held', signals: [[1, 2]], held: true, expected: [] },
];

export function laneItem(position: number): LaneItem {
  const run = {
    tenant: 'acme',
    runId: `019a0000-0000-7000-8000-${String(position).padStart(12, '0')}`,
    deliveryId: `019a0000-0000-7000-8001-${String(position).padStart(12, '0')}`,
    flow: 'deal-won-to-order',
    flowVersion: 1,
    flowSha256: '0'.repeat(64),
    origin: `wh:acme:crm:${String(position)}:deal-won-to-order`,
  };
  return { run, position: String(position) };
}

type LaneActivities = LaneRecordActivities & Pick<FlowRunActivities, 'callConnection'>;

/** Activities that keep a lane's record as the store would. */
export class LaneScript {
  readonly closed: number[] = [];
  readonly back: number[] = [];
  /** Calls under way at once; more than one would be out of order. */
  mostCalls = 0;
  #calls = 0;
  readonly #ended = new Set<string>();

  constructor(private readonly behaviour: Pick<LaneBehaviour, 'refused' | 'held'> = {}) {}

  get activities(): LaneActivities {
    return {
      openLaneRun: async (input) => this.#open(input),
      closeLaneRun: async (input) => this.#close(input),
      returnLaneRuns: async (_lane, runIds) => {
        this.back.push(...runIds.map(positionOf));
      },
      callConnection: async ({ run }) => {
        this.mostCalls = Math.max(this.mostCalls, (this.#calls += 1));
        await new Promise((resolve) => setImmediate(resolve));
        this.#calls -= 1;
        if (this.behaviour.refused?.includes(positionOf(run.runId)) !== true) return {};
        throw failure('ECL-4003', { outcome: 'invalid', reason: 'refused' }, true);
      },
    };
  }

  #open({ pending }: OpenLaneInput): LaneOpening {
    if (this.behaviour.held === true) return { kind: 'held' };
    const ended = pending.map(({ run }) => run.runId).filter((runId) => this.#ended.has(runId));
    const [head] = pending;
    if (ended.length > 0 || head === undefined) return { kind: 'passed', runIds: ended };
    const call = { connection: 'erp', operation: 'salesOrder.upsert', with: '{}' };
    return {
      kind: 'open',
      runId: head.run.runId,
      opened: { triggered: true, steps: [{ id: 'order', call }] },
    };
  }

  #close({ item, result, waiting }: CloseLaneInput): { goesOn: boolean } {
    this.closed.push(positionOf(item.run.runId));
    this.#ended.add(item.run.runId);
    const goesOn = result.state === 'succeeded';
    if (!goesOn) this.back.push(...waiting.map(positionOf));
    return { goesOn };
  }
}

function positionOf(runId: string): number {
  return Number(runId.slice(-12));
}
