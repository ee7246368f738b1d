import type { DataSource } from 'typeorm';
import type { FlowDefinition, RunRef, RunResult } from '@ecluse/contracts';
import type { BatchFence, OpenedRecord, RunStore } from '../runs.js';
import { CLOSE_RUNS } from './close-runs.js';
import { FlowVersions } from './flow-versions.js';
import { OPEN_RUNS } from './open-runs.js';
import { WorkerJournal } from './worker-journal.js';

/** Role `ecluse_worker`. */
export class PostgresRunStore implements RunStore {
  readonly #journal: WorkerJournal;
  readonly #flows: FlowVersions;

  constructor(dataSource: DataSource) {
    this.#journal = WorkerJournal.of(dataSource);
    this.#flows = new FlowVersions(dataSource);
  }

  open(run: RunRef, temporalRunId: string, fence: BatchFence = {}): Promise<OpenedRecord> {
    return this.#journal.submit(OPEN_RUNS, run.tenant, { run, temporalRunId, ...fence });
  }

  loadFlow(run: RunRef): Promise<FlowDefinition> {
    return this.#flows.load(run);
  }

  async close(run: RunRef, result: RunResult, fence: BatchFence = {}): Promise<void> {
    await this.#journal.submit(CLOSE_RUNS, run.tenant, { run, result, ...fence });
  }
}
