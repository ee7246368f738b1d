import type { LaneItem, LaneRef } from '@ecluse/contracts';
import type { FormedBatch, LaneHandover, QueuedRun } from '@ecluse/storage';
import {
  findWorkflow,
  laneWorkflowId,
  namespaceId,
  runRefOf,
  signalLane,
  startFlowBatch,
  startFlowRun,
  type TemporalClient,
  type WorkflowFinding,
} from '@ecluse/temporal';
import type { Engine, EngineRecords } from './engine.js';

/** Temporal as the engine. */
export class TemporalEngine implements Engine, EngineRecords {
  constructor(private readonly temporal: TemporalClient) {}

  startRun(run: QueuedRun): Promise<{ temporalRunId: string | null }> {
    return startFlowRun(this.temporal, run);
  }

  startBatch(batch: FormedBatch): Promise<{ temporalRunId: string | null }> {
    return startFlowBatch(this.temporal, batch);
  }

  deliver({
    tenant,
    flow,
    laneKey,
    runs,
    outstanding,
  }: LaneHandover): Promise<{ temporalRunId: string | null }> {
    const items = runs.map(({ position, sequence, ...run }): LaneItem => {
      const item = { run: runRefOf(run), position };
      return sequence === null ? item : { ...item, sequence };
    });
    const lane = outstanding ? 'living' : 'any';
    return signalLane(this.temporal, { tenant, flow, laneKey }, items, { lane });
  }

  find(workflowId: string): Promise<WorkflowFinding> {
    return findWorkflow(this.temporal, workflowId);
  }

  findLane(lane: LaneRef): Promise<WorkflowFinding> {
    return findWorkflow(this.temporal, laneWorkflowId(lane));
  }

  identity(): Promise<string> {
    return namespaceId(this.temporal);
  }
}
