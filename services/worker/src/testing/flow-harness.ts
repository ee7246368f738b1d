import { createHash, randomUUID } from 'node:crypto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { bundleFlowRun } from '@ecluse/bundle';
import type { FlowStep, JsonObject } from '@ecluse/contracts';
import { flowHashInput } from '@ecluse/flow-model';
import { createLogger } from '@ecluse/observability';
import { bodyAad, createSealer, createVaultDataKeys, tenantKeyName } from '@ecluse/payload-crypto';
import {
  createDataSource,
  PostgresConnectionStore,
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresReplayStore,
  PostgresSourceStore,
} from '@ecluse/storage/postgres';
import { createTemporalClient, startFlowRun, type TemporalClient } from '@ecluse/temporal';
import { createTestDatabase, testServers, uniqueName, type TestDatabase } from '@ecluse/testing';
import { flowWorkerOptions } from '../temporal-worker.js';
import { WorkerConfig } from '../worker.config.js';
import { createWorkerParts, type WorkerParts } from '../worker-parts.js';
import { LossyConnectors } from './lossy-connectors.js';
import { ScratchErp } from './scratch-erp.js';

type DataSource = ReturnType<typeof createDataSource>;

const TENANT = 'acme';
const change = { actor: 'spec', requestId: null };

/** A worker as in production on real servers; only its connectors can be made to lose answers. */
export class FlowHarness {
  readonly #taskQueue = uniqueName('flows');
  #worker: Worker | undefined;
  #ran: Promise<void> | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly erp: ScratchErp,
    private readonly superuser: DataSource,
    private readonly roles: Record<'door' | 'dispatcher' | 'admin-api', DataSource>,
    private readonly native: NativeConnection,
    readonly parts: WorkerParts,
    readonly temporal: TemporalClient,
    readonly connectors: LossyConnectors,
    /** Lines that the worker logged. */
    readonly log: readonly string[],
  ) {}

  /** Queue of this harness' worker. */
  get taskQueue(): string {
    return this.#taskQueue;
  }

  static async create(): Promise<FlowHarness> {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const database = await createTestDatabase();
    const open = (url: string) => createDataSource({ url, applicationName: 'spec' }).initialize();
    const roles = {
      door: await open(database.urls.door),
      dispatcher: await open(database.urls.dispatcher),
      'admin-api': await open(database.urls['admin-api']),
    };
    const { temporal: server } = testServers();
    const lines: string[] = [];
    const connectors = new LossyConnectors();
    const log = createLogger('worker', 'debug', { write: (line: string) => void lines.push(line) });
    const parts = createWorkerParts(configFor(database), log, connectors);
    await parts.dataSource.initialize();
    const temporal = createTemporalClient({
      address: server.address,
      namespace: server.namespace,
      dataConverter: parts.dataConverter,
    });
    const native = await NativeConnection.connect({ address: server.address });
    const superuser = await open(database.superuserUrl);
    const erp = await ScratchErp.create();
    const harness = new FlowHarness(
      database,
      erp,
      superuser,
      roles,
      native,
      parts,
      temporal,
      connectors,
      lines,
    );
    await harness.#define();
    await harness.#startWorker();
    return harness;
  }

  async #define(): Promise<void> {
    const connections = new PostgresConnectionStore(this.roles['admin-api']);
    await connections.put(TENANT, 'erp', this.erp.connectionSpec(), { expectedVersion: null }, change);
  }

  async #startWorker(): Promise<void> {
    this.#worker = await Worker.create({
      ...flowWorkerOptions(this.parts, testServers().temporal.namespace),
      connection: this.native,
      taskQueue: this.#taskQueue,
      workflowBundle: await bundleFlowRun(),
    });
    this.#ran = this.#worker.run();
  }

  /** Publishes and releases a flow, accepts one delivery for it, and starts its run. */
  async start(flow: string, steps: FlowStep[], body: JsonObject, when?: string) {
    const source = `${flow}-in`;
    const sources = new PostgresSourceStore(this.roles['admin-api']);
    await sources.put(TENANT, source, {}, { expectedVersion: null }, change);
    const definition = {
      on: { source, ...(when === undefined ? {} : { when }) },
      steps,
      onFailure: { deadLetter: true as const },
    };
    const sha256 = createHash('sha256').update(flowHashInput(definition)).digest('hex');
    const flows = new PostgresFlowStore(this.roles['admin-api']);
    const { version } = await flows.publish(
      TENANT,
      flow,
      { definition, sha256 },
      { expectedVersion: null },
      change,
    );
    await flows.release(TENANT, flow, { version, reason: null }, change);
    const deliveryId = await this.#accept(source, body);
    return this.#startQueued(deliveryId);
  }

  /** Asks for the delivery to be run again, as the admin API does, and starts it. */
  async replay(deliveryId: string) {
    const replays = new PostgresReplayStore(this.roles['admin-api']);
    await replays.replay(TENANT, deliveryId, { reason: 'spec' }, change);
    return this.#startQueued(deliveryId);
  }

  async #startQueued(deliveryId: string) {
    const dispatch = new PostgresDispatchStore(this.roles.dispatcher);
    await dispatch.plan(10);
    const quotas = (await dispatch.queues('', 1000)).map(({ queue }) => ({
      queue,
      size: 100,
      aloneOnly: false,
    }));
    const claimed = await dispatch.claim('spec', quotas, 60);
    const run = claimed.find((candidate) => candidate.deliveryId === deliveryId);
    if (run === undefined) throw new Error('no run was planned');
    await startFlowRun(this.temporal, run, { taskQueue: this.#taskQueue });
    const handle = this.temporal.client.workflow.getHandle(run.workflowId);
    return { run, deliveryId, handle, ended: () => handle.result().then(ignore, ignore) };
  }

  async #accept(source: string, body: JsonObject): Promise<string> {
    const id = randomUUID();
    const plain = Buffer.from(JSON.stringify(body));
    const sealer = createSealer(createVaultDataKeys(this.parts.vault));
    await new PostgresInboxWriter(this.roles.door).insert({
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
    return id;
  }

  /** Rows of Ecluse's own database, as they really are. */
  async look(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const rows: unknown = await this.superuser.query(text, values);
    return rows as Record<string, unknown>[];
  }

  async close(): Promise<void> {
    this.#worker?.shutdown();
    await this.#ran;
    await this.temporal.close();
    await this.native.close();
    await this.parts.close();
    await Promise.all(
      [this.superuser, ...Object.values(this.roles)].map((dataSource) => dataSource.destroy()),
    );
    await this.erp.drop();
    await this.database.drop();
    await Runtime.instance().shutdown();
  }
}

function ignore(): void {
  // The record, not the workflow's result, is what these specs look at.
}

function configFor(database: TestDatabase): WorkerConfig {
  const { vault, temporal } = testServers();
  return Object.assign(new WorkerConfig(), {
    databaseUrl: database.urls.worker,
    vaultAddr: vault.address,
    vaultRoleId: vault.services.worker.roleId,
    vaultSecretIdFile: vault.services.worker.secretIdFile,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
  });
}
