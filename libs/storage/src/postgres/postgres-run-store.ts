import type { DataSource } from 'typeorm';
import type { FlowDefinition, RunRef, RunResult, RunState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { RunStore } from '../runs.js';
import { RUN_TRANSITIONS, isFinal, statesBefore, transition } from '../transitions.js';
import { deriveDeliveryState, lockDelivery } from './delivery-state.js';
import { endRun } from './run-end.js';
import { withTenant, type SqlSession } from './sql-session.js';

/** A run that is running already (a worker died, a reset) keeps its first opening; one that ended stays ended. */
const OPEN = `
UPDATE runs SET state = 'running', temporal_run_id = $3, opened_at = coalesce(opened_at, now()),
                started_at = coalesce(started_at, now())
WHERE tenant = $1 AND id = $2 AND (state = ANY($4) OR state = 'running')
RETURNING id`;
const STATE = 'SELECT state FROM runs WHERE tenant = $1 AND id = $2';
const FLOW_VERSION = `
SELECT definition, sha256 FROM flow_versions WHERE tenant = $1 AND flow = $2 AND version = $3`;

/** Role `ecluse_worker`. */
export class PostgresRunStore implements RunStore {
  constructor(private readonly dataSource: DataSource) {}

  async open(run: RunRef, temporalRunId: string): Promise<void> {
    const before = statesBefore(RUN_TRANSITIONS, 'running');
    await withTenant(this.dataSource, run.tenant, async (sql) => {
      const opened = await sql.rows(OPEN, [run.tenant, run.runId, temporalRunId, before]);
      if (opened.length === 0) await stateOf(sql, run);
    });
  }

  async loadFlow(run: RunRef): Promise<FlowDefinition> {
    const { tenant, flow, flowVersion } = run;
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<{ definition: FlowDefinition; sha256: string }>(FLOW_VERSION, [tenant, flow, flowVersion]),
    );
    const what = `flow ${flow} version ${String(flowVersion)}`;
    if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: what });
    if (row.sha256 !== run.flowSha256) throw new EcluseError('FLOW_VERSION_MISMATCH', { detail: what });
    return row.definition;
  }

  async close(run: RunRef, result: RunResult): Promise<void> {
    await withTenant(this.dataSource, run.tenant, async (sql) => {
      const delivery = await lockDelivery(sql, run.tenant, run.deliveryId);
      if (await endRun(sql, run.tenant, run.runId, result)) {
        await deriveDeliveryState(sql, delivery);
        return;
      }
      const state = await stateOf(sql, run);
      if (!isFinal(RUN_TRANSITIONS, state))
        transition(RUN_TRANSITIONS, `run ${run.runId}`, state, result.state);
    });
  }
}

async function stateOf(sql: SqlSession, run: RunRef): Promise<RunState> {
  const [row] = await sql.rows<{ state: RunState }>(STATE, [run.tenant, run.runId]);
  if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: `run ${run.runId}` });
  return row.state;
}
