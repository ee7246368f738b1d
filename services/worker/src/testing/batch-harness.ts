import { createHash, randomUUID } from 'node:crypto';
import type { FlowDefinition, FlowStep, JsonObject } from '@ecluse/contracts';
import { flowHashInput } from '@ecluse/flow-model';
import { bodyAad, createSealer, createVaultDataKeys, tenantKeyName } from '@ecluse/payload-crypto';
import type { FormedBatch } from '@ecluse/storage';
import {
  createDataSource,
  PostgresBatchDispatch,
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresSourceStore,
} from '@ecluse/storage/postgres';
import { startFlowBatch, startFlowRun } from '@ecluse/temporal';
import { eventually } from '@ecluse/testing';
import { FlowHarness } from './flow-harness.js';

type DataSource = ReturnType<typeof createDataSource>;

const TENANT = 'acme';
const change = { actor: 'spec', requestId: null };

/** How one run of a batch stands, by what its delivery said. */
export interface RunRow {
  id: string;
  delivery_id: string;
  state: string;
  delivery_state: string;
  triggered: boolean | null;
  batch_id: string | null;
  note: string | null;
  start_reason: string | null;
  waiting_for: string | null;
  code: string | null;
  step_id: string | null;
}

/** A worker as in production, and the dispatcher's part of batches. */
export class BatchHarness {
  private constructor(
    readonly flows: FlowHarness,
    private readonly roles: Record<'door' | 'dispatcher' | 'admin', DataSource>,
  ) {}

  static async create(): Promise<BatchHarness> {
    const flows = await FlowHarness.create();
    const open = (url: string) => createDataSource({ url, applicationName: 'spec' }).initialize();
    const { urls } = flows.database;
    const roles = {
      door: await open(urls.door),
      dispatcher: await open(urls.dispatcher),
      admin: await open(urls['admin-api']),
    };
    return new BatchHarness(flows, roles);
  }

  /** Publishes a flow, accepts a delivery per body, and forms one batch of their runs. */
  async form(flow: string, steps: FlowStep[], bodies: JsonObject[], when?: string): Promise<FormedBatch> {
    const version = await this.#release(flow, steps, when);
    await this.#accept(`${flow}-in`, bodies);
    await new PostgresDispatchStore(this.roles.dispatcher).plan(1_000);
    return this.formAgain(flow, version, bodies.length);
  }

  /** Forms a batch of the runs that wait. */
  async formAgain(flow: string, flowVersion: number, size: number): Promise<FormedBatch> {
    const dispatch = new PostgresBatchDispatch(this.roles.dispatcher);
    const quota = { batchId: randomUUID(), queue: `${TENANT}/${flow}`, flowVersion, size };
    const [batch] = await dispatch.form([quota], 100_000_000);
    if (batch === undefined) throw new Error('no batch was formed');
    return batch;
  }

  /** Gives the members back, as the reconciler does with a batch whose workflow is gone. */
  dissolve(batch: FormedBatch): Promise<number> {
    return new PostgresBatchDispatch(this.roles.dispatcher).dissolve([batch.batchId], { alone: true });
  }

  async start(batch: FormedBatch) {
    await startFlowBatch(this.flows.temporal, batch, { taskQueue: this.flows.taskQueue });
    return this.flows.temporal.client.workflow.getHandle(batch.workflowId);
  }

  /** Starts each waiting run of the flow on its own; resolves when all of them ended. */
  async runAlone(flow: string): Promise<void> {
    const dispatch = new PostgresDispatchStore(this.roles.dispatcher);
    const quota = { queue: `${TENANT}/${flow}`, size: 500, aloneOnly: true };
    const claimed = await dispatch.claim('spec', [quota], 60);
    await Promise.all(
      claimed.map(async (run) => {
        // The claim is held here for a minute: a start that was too slow is tried again, as the dispatcher would.
        await eventually(() => startFlowRun(this.flows.temporal, run, { taskQueue: this.flows.taskQueue }));
        const handle = this.flows.temporal.client.workflow.getHandle(run.workflowId);
        await handle.result().catch(() => undefined);
      }),
    );
  }

  /** Runs of the flow in order of arrival. */
  async runs(flow: string): Promise<RunRow[]> {
    const rows = await this.flows.look(
      `SELECT r.*, i.state AS delivery_state, d.code, d.step_id FROM runs r JOIN inbox i ON i.id = r.delivery_id
       LEFT JOIN dead_letters d ON d.run_id = r.id WHERE r.flow = $1 ORDER BY r.position`,
      [flow],
    );
    return rows as unknown as RunRow[];
  }

  /** Writes that the remote has per effect of the flow's ledger: state and attempts by idempotency key. */
  effects(flow: string): Promise<Record<string, unknown>[]> {
    return this.flows.look(
      `SELECT e.step_id, e.state, count(*)::int AS effects FROM effects e JOIN runs r ON r.id = e.run_id
       WHERE r.flow = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
      [flow],
    );
  }

  async #release(flow: string, steps: FlowStep[], when?: string): Promise<number> {
    const source = `${flow}-in`;
    await new PostgresSourceStore(this.roles.admin).put(
      TENANT,
      source,
      {},
      { expectedVersion: null },
      change,
    );
    const definition: FlowDefinition = {
      on: { source, ...(when === undefined ? {} : { when }) },
      steps,
      onFailure: { deadLetter: true },
    };
    const sha256 = createHash('sha256').update(flowHashInput(definition)).digest('hex');
    const flows = new PostgresFlowStore(this.roles.admin);
    const { version } = await flows.publish(
      TENANT,
      flow,
      { definition, sha256 },
      { expectedVersion: null },
      change,
    );
    await flows.release(TENANT, flow, { version, reason: null }, change);
    return version;
  }

  async #accept(source: string, bodies: JsonObject[]): Promise<void> {
    const sealer = createSealer(createVaultDataKeys(this.flows.parts.vault));
    const inbox = new PostgresInboxWriter(this.roles.door);
    for (const body of bodies) {
      const id = randomUUID();
      const plain = Buffer.from(JSON.stringify(body));
      await inbox.insert({
        id,
        tenant: TENANT,
        source,
        deliveryKey: id,
        bodySha256: createHash('sha256').update(plain).digest('hex'),
        contentType: 'application/json',
        bodyBytes: plain.length,
        body: await sealer.seal(tenantKeyName(TENANT), plain, bodyAad(TENANT, id)),
        secretId: 'spec',
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.roles).map((dataSource) => dataSource.destroy()));
    await this.flows.close();
  }
}
