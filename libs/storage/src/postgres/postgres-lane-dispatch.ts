import type { DataSource } from 'typeorm';
import type { LaneHandover, LaneDispatch, QueuedRun, RunQuota } from '../dispatch.js';
import { HANDED_OVER, LANE_RUNS, LEASE, RECALL_LANE, RELEASE_LANE } from './lane-dispatch-statements.js';
import { single } from './sql-session.js';

type LaneRunRow = QueuedRun & {
  queue: string;
  laneKey: string;
  position: string;
  sequence: string | null;
  outstanding: boolean;
};

/** Role `ecluse_dispatcher`. */
export class PostgresLaneDispatch implements LaneDispatch {
  constructor(private readonly dataSource: DataSource) {}

  async leaseLanes(
    claimant: string,
    quotas: readonly Pick<RunQuota, 'queue' | 'size'>[],
    seconds: number,
  ): Promise<LaneHandover[]> {
    if (quotas.length === 0) return [];
    const wanted = quotas.map(({ queue }) => queue);
    const leased = await single<{ queue: string }>(this.dataSource, LEASE, [claimant, wanted, seconds]);
    const held = new Set(leased.map(({ queue }) => queue));
    const ours = quotas.filter(({ queue }) => held.has(queue));
    const queues = ours.map(({ queue }) => queue);
    const rows = await single<LaneRunRow>(this.dataSource, LANE_RUNS, [queues, ours.map(({ size }) => size)]);
    return queues.map((queue) => laneOf(queue, rows)).filter((lane) => lane !== undefined);
  }

  async handedOver(claimant: string, lane: LaneHandover, temporalRunId: string | null): Promise<void> {
    const ids = lane.runs.map(({ runId }) => runId);
    await single(this.dataSource, HANDED_OVER, [lane.queue, claimant, temporalRunId, ids]);
  }

  async releaseLane(
    claimant: string,
    lane: LaneHandover,
    delaySeconds: number,
    reason: string,
  ): Promise<void> {
    const head = lane.runs[0]?.runId ?? null;
    await single(this.dataSource, RELEASE_LANE, [lane.queue, claimant, delaySeconds, head, reason]);
  }

  async recallLane(claimant: string, queue: string, reason: string): Promise<number> {
    return (await single(this.dataSource, RECALL_LANE, [queue, claimant, reason])).length;
  }
}

/** Undefined for a lane that another dispatcher emptied between the look and the lease; its lease ends by itself. */
function laneOf(queue: string, rows: readonly LaneRunRow[]): LaneHandover | undefined {
  const runs = rows.filter((row) => row.queue === queue);
  const [head] = runs;
  if (head === undefined) return undefined;
  const { tenant, flow, laneKey, outstanding } = head;
  return {
    queue,
    tenant,
    flow,
    laneKey,
    outstanding,
    runs: runs.map(({ sequence, ...run }) => ({
      ...run,
      sequence: sequence === null ? null : Number(sequence),
    })),
  };
}
