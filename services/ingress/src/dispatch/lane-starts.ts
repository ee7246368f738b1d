import { isEcluseError } from '@ecluse/errors';
import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import type { LaneDispatch, LaneHandover } from '@ecluse/storage';
import type { DispatchObserver } from './dispatch-observer.js';
import type { Engine } from './engine.js';
import { judgeStart } from './judge-start.js';
import type { StartEnd } from './start-pool.js';

export interface LaneStartDeps {
  lanes: Pick<LaneDispatch, 'handedOver' | 'releaseLane' | 'recallLane'>;
  engine: Pick<Engine, 'deliver'>;
  failpoints: Failpoints;
  observer: DispatchObserver;
  log: Logger;
}

/**
 * Hands runs to leased lanes: all of a lane in one signal, so that they arrive in order or not at all. While one hand-over
 * is under way the lease keeps the lane from the next.
 */
export class LaneStarts {
  constructor(
    private readonly deps: LaneStartDeps,
    private readonly claimant: string,
    private readonly leaseSeconds: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** @param leasedAt Monotonic milliseconds, from before the lease was asked for. */
  async start(lane: LaneHandover, leasedAt: number): Promise<StartEnd> {
    const { engine, failpoints, lanes, log, observer } = this.deps;
    // A process that was frozen meanwhile may have lost the lane to another one.
    if (performance.now() - leasedAt > (this.leaseSeconds * 1_000) / 2) return this.leaveAlone(lane);
    failpoints.hit('dispatch.before-start');
    try {
      const { temporalRunId } = await engine.deliver(lane);
      failpoints.hit('dispatch.after-start');
      log.info('runs handed to lane', fieldsOf(lane));
      observer.started('lane', lane.runs.length);
      return { verdict: 'started', record: () => lanes.handedOver(this.claimant, lane, temporalRunId) };
    } catch (error) {
      if (isEcluseError(error, 'NOT_FOUND')) return this.recall(lane);
      observer.notStarted('lane');
      return this.giveBack(lane, error);
    }
  }

  private leaveAlone(lane: LaneHandover): StartEnd {
    this.deps.log.warn('lane not served: its lease is too old', fieldsOf(lane));
    return { verdict: 'settled', record: () => Promise.resolve() };
  }

  /** What it held waits again and goes first; the next look serves the lane from its head. */
  private recall(lane: LaneHandover): StartEnd {
    const { lanes, log, observer } = this.deps;
    const reason = 'the workflow of the lane is gone';
    const record = async (): Promise<void> => {
      const count = await lanes.recallLane(this.claimant, lane.queue, reason);
      observer.reconciled('requeued', count);
      log.warn('lane begins anew', { ...fieldsOf(lane), count, reason });
    };
    return { verdict: 'settled', record };
  }

  /** Whatever it is, the runs stay in the lane in their order: a lane is never refused as a whole. */
  private giveBack(lane: LaneHandover, error: unknown): StartEnd {
    const { lanes, log } = this.deps;
    const judged = judgeStart(error, 1, this.random());
    const { reason } = judged;
    log.warn('lane not served yet', { ...fieldsOf(lane), reason, error });
    const delaySeconds = judged.kind === 'release' ? judged.delaySeconds : REFUSED_SECONDS;
    return {
      verdict: judged.kind === 'release' && judged.engineAway ? 'away' : 'settled',
      record: () => lanes.releaseLane(this.claimant, lane, delaySeconds, reason),
    };
  }
}

/** Between two tries of a hand-over that Temporal refuses; only a person can mend what it is about. */
const REFUSED_SECONDS = 60;

function fieldsOf({ tenant, flow, laneKey, runs }: LaneHandover) {
  return { tenant, flow, laneKey, count: runs.length };
}
