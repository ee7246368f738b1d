import type { LaneItem } from '@ecluse/contracts';
import type { FormedBatch, LaneHandover, QueuedRun } from '@ecluse/storage';
import { runRefOf, signalLane, startFlowBatch, startFlowRun, type TemporalClient } from '@ecluse/temporal';
import type { Engine } from './engine.js';

/** Temporal as the engine. */
export class TemporalEngine implements Engine {
  constructor(private readonly temporal: TemporalClient) {}

  startRun(run: QueuedRun): Promise<{ temporalRunId: string | null }> {
    return startFlowRun(this.temporal, run);
  }

  startBatch(batch: FormedBatch): Promise<{ temporalRunId: string | null }> {
    return startFlowBatch(this.temporal, batch);
  }

  deliver({ tenant, flow, laneKey, runs }: LaneHandover): Promise<{ temporalRunId: string }> {
    const items = runs.map(({ position, sequence, ...run }): LaneItem => {
      const item = { run: runRefOf(run), position };
      return sequence === null ? item : { ...item, sequence };
    });
    return signalLane(this.temporal, { tenant, flow, laneKey }, items);
  }
}
