import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { FlowDefinition, FlowOrder, JsonObject, LaneItem } from '@ecluse/contracts';
import { flowHashInput } from '@ecluse/flow-model';
import { bodyAad, createSealer, createVaultDataKeys, tenantKeyName } from '@ecluse/payload-crypto';
import type { LaneHandover, NewDelivery, SealedBytes } from '@ecluse/storage';
import {
  createDataSource,
  PostgresConnectionStore,
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresLaneDispatch,
  PostgresSourceStore,
} from '@ecluse/storage/postgres';
import { signalLane } from '@ecluse/temporal';
import { FlowHarness } from './flow-harness.js';

type DataSource = ReturnType<typeof createDataSource>;

const TENANT = 'acme';
/** Inserts at once that are sure to share a group. */
const ONE_GROUP = 100;
const change = { actor: 'spec', requestId: null };
const stepOf = (operation: string) => ({
  id: 'move',
  call: {
    connection: 'moves',
    operation,
    with: "{ 'externalId': $delivery.id, 'key': deal.id, 'n': deal.n }",
  },
});

interface FlowOptions {
  when?: string;
  /** The step's first try is a local activity. */
  short?: boolean;
}

/** A worker as in production, ordered flows, a remote that records in which order it was written to, and a dispatcher. */
export class LaneHarness {
  #pumping: Promise<void> | undefined;
  readonly #stop = new AbortController();
  /** How often each hand-over is signalled: a dispatcher that lost the answer repeats it. */
  signals = 1;

  private constructor(
    readonly flows: FlowHarness,
    private readonly roles: Record<'door' | 'dispatcher' | 'admin', DataSource>,
  ) {}

  static async create(): Promise<LaneHarness> {
    const flows = await FlowHarness.create();
    const open = (url: string) => createDataSource({ url, applicationName: 'spec' }).initialize();
    const { urls } = flows.database;
    const roles = {
      door: await open(urls.door),
      dispatcher: await open(urls.dispatcher),
      admin: await open(urls['admin-api']),
    };
    const harness = new LaneHarness(flows, roles);
    await harness.#defineRemote();
    return harness;
  }

  get admin(): DataSource {
    return this.roles.admin;
  }

  async #defineRemote(): Promise<void> {
    const { erp } = this.flows;
    await erp.query(`
      CREATE TABLE ${erp.schema}.move (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        external_id text NOT NULL UNIQUE, key text NOT NULL, n integer NOT NULL, times integer NOT NULL DEFAULT 1);
      CREATE TABLE ${erp.schema}.bad (key text NOT NULL, n integer NOT NULL);
      GRANT SELECT, INSERT, UPDATE ON ${erp.schema}.move, ${erp.schema}.bad TO erp_rw;`);
    const connections = new PostgresConnectionStore(this.roles.admin);
    const spec = { ...erp.connectionSpec(), operations: operationsOf(erp.schema) };
    await connections.put(TENANT, 'moves', spec, { expectedVersion: null }, change);
  }

  /** Publishes and releases an ordered flow with a source of its own; `deal.id` is the key. */
  async release(flow: string, order: Omit<FlowOrder, 'by'>, { when, short = false }: FlowOptions = {}) {
    const source = `${flow}-in`;
    const sources = new PostgresSourceStore(this.roles.admin);
    await sources.put(TENANT, source, {}, { expectedVersion: null }, change);
    const definition: FlowDefinition = {
      on: { source, ...(when === undefined ? {} : { when }) },
      order: { by: 'deal.id', ...order },
      steps: [stepOf(short ? 'move.quick' : 'move.add')],
      onFailure: { deadLetter: true },
    };
    const sha256 = createHash('sha256').update(flowHashInput(definition)).digest('hex');
    const flows = new PostgresFlowStore(this.roles.admin);
    const publication = { definition, sha256 };
    const { version } = await flows.publish(TENANT, flow, publication, { expectedVersion: null }, change);
    await flows.release(TENANT, flow, { version, reason: null }, change);
  }

  /** Accepts deliveries of a key in this order, in as few groups as the door would. Answers their ids. */
  async accept(
    flow: string,
    key: string,
    numbers: readonly number[],
    more: JsonObject = {},
  ): Promise<string[]> {
    const sealed = await Promise.all(numbers.map((n) => this.#seal(flow, key, n, more)));
    const inbox = new PostgresInboxWriter(this.roles.door);
    // Groups may overtake each other, as deliveries that are sent at once may: one at a time keeps the order.
    for (let sent = 0; sent < sealed.length; sent += ONE_GROUP) {
      await Promise.all(sealed.slice(sent, sent + ONE_GROUP).map((delivery) => inbox.insert(delivery)));
    }
    return sealed.map(({ id }) => id);
  }

  async #seal(flow: string, key: string, n: number, more: JsonObject): Promise<NewDelivery> {
    const id = randomUUID();
    const plain = Buffer.from(JSON.stringify({ deal: { id: key, n, ...more } }));
    return {
      id,
      tenant: TENANT,
      source: `${flow}-in`,
      deliveryKey: id,
      bodySha256: createHash('sha256').update(plain).digest('hex'),
      contentType: 'application/json',
      bodyBytes: plain.length,
      body: await this.seal(id, plain),
      secretId: 'spec',
      orderKeys: { 'deal.id': { key: laneKeyOf(key), sequence: n } },
    };
  }

  async seal(deliveryId: string, plain: Buffer): Promise<SealedBytes> {
    const sealer = createSealer(createVaultDataKeys(this.flows.parts.vault));
    return sealer.seal(tenantKeyName(TENANT), plain, bodyAad(TENANT, deliveryId));
  }

  /** Makes the remote refuse a write for good, or take it again. */
  async refuse(key: string, n: number): Promise<void> {
    await this.flows.erp.query(`INSERT INTO ${this.flows.erp.schema}.bad VALUES ('${key}', ${String(n)})`);
  }
  async accommodate(): Promise<void> {
    await this.flows.erp.query(`DELETE FROM ${this.flows.erp.schema}.bad`);
  }

  /** Numbers written for a key, in the order of the writes, repetitions included. */
  async moves(key: string): Promise<number[]> {
    const rows = await this.flows.erp.query(
      `SELECT n FROM ${this.flows.erp.schema}.move WHERE key = '${key}' ORDER BY id`,
    );
    return rows.map(({ n }) => Number(n));
  }

  /** Hands runs over until the harness is closed. */
  pump(): void {
    this.#pumping ??= this.#pumpOn();
  }

  async #pumpOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const handed = await this.handOver();
      if (handed === 0) await pause(20);
    }
  }

  /** One round of a dispatcher. Answers the number of runs handed over. */
  async handOver(): Promise<number> {
    const dispatch = new PostgresDispatchStore(this.roles.dispatcher);
    const lanes = new PostgresLaneDispatch(this.roles.dispatcher);
    await dispatch.plan(200);
    const waiting = (await dispatch.queues('', 1000)).filter(({ laneKey }) => laneKey !== null);
    const quotas = waiting
      .map(({ queue, unopened }) => ({ queue, size: 32 - unopened }))
      .filter(({ size }) => size > 0);
    const leased = await lanes.leaseLanes('spec', quotas, 10);
    await Promise.all(leased.map((lane) => this.#signal(lanes, lane)));
    return leased.reduce((sum, lane) => sum + lane.runs.length, 0);
  }

  async #signal(lanes: PostgresLaneDispatch, lane: LaneHandover): Promise<void> {
    const { tenant, flow, laneKey } = lane;
    const { temporal, taskQueue } = this.flows;
    let temporalRunId: string | null = null;
    try {
      for (let time = 0; time < this.signals; time += 1) {
        const options = { taskQueue, timeoutMs: 10_000 };
        ({ temporalRunId } = await signalLane(temporal, { tenant, flow, laneKey }, itemsOf(lane), options));
      }
      await lanes.handedOver('spec', lane, temporalRunId);
    } catch {
      // As the dispatcher does: the lane may have the runs or not, and is handed them again.
      await lanes.releaseLane('spec', lane, 1, 'engine away');
    }
  }

  async lane(flow: string, key: string): Promise<Record<string, unknown> | undefined> {
    const values = [flow, laneKeyOf(key)];
    const [row] = await this.flows.look('SELECT * FROM lanes WHERE flow = $1 AND lane_key = $2', values);
    return row;
  }

  /** Runs of a key in order of arrival. */
  async runs(flow: string, key: string): Promise<Record<string, unknown>[]> {
    return this.flows.look(
      `SELECT r.*, d.id AS letter, d.state AS letter_state FROM runs r LEFT JOIN dead_letters d ON d.run_id = r.id
       WHERE r.flow = $1 AND r.lane_key = $2 ORDER BY r.position, r.replay_no`,
      [flow, laneKeyOf(key)],
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#pumping;
    await Promise.all(Object.values(this.roles).map((dataSource) => dataSource.destroy()));
    await this.flows.close();
  }
}

/** As the door computes it. */
export function laneKeyOf(key: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['deal.id', key]))
    .digest('hex')
    .slice(0, 32);
}

function itemsOf(lane: LaneHandover): LaneItem[] {
  return lane.runs.map(({ runId, deliveryId, flowVersion, flowSha256, origin, position, sequence }) => ({
    run: { tenant: lane.tenant, runId, deliveryId, flow: lane.flow, flowVersion, flowSha256, origin },
    position,
    ...(sequence === null ? {} : { sequence }),
  }));
}

function operationsOf(schema: string): JsonObject {
  const add = {
    effect: 'upsert',
    idempotency: { kind: 'external_id', field: 'externalId' },
    input: {
      type: 'object',
      required: ['externalId', 'key', 'n'],
      properties: { externalId: { type: 'string' }, key: { type: 'string' }, n: { type: 'integer' } },
    },
    statements: [
      {
        sql: `SELECT FROM ${schema}.bad WHERE key = :key AND n = :n`,
        expect: { rows: 0, outcome: 'invalid', reason: 'The move is refused.' },
      },
      {
        sql: `INSERT INTO ${schema}.move (external_id, key, n) VALUES (:externalId, :key, :n)
              ON CONFLICT (external_id) DO UPDATE SET times = move.times + 1 RETURNING id`,
      },
    ],
  };
  return { 'move.add': add, 'move.quick': { ...add, short: true } };
}
