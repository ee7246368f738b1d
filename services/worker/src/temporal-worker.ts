import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { BUNDLE_PATH, readBuildId } from '@ecluse/bundle';
import { FLOWS_DEPLOYMENT, FLOWS_TASK_QUEUE } from '@ecluse/contracts';
import type { Logger } from '@ecluse/observability';
import { createTemporalClient, promoteWorkerBuild } from '@ecluse/temporal';
import { keepBuildCurrent } from './build-keeper.js';
import { activityObserver } from './worker-metrics.js';
import type { WorkerConfig } from './worker.config.js';
import type { WorkerParts } from './worker-parts.js';

/** Longest pause between tries to reach PostgreSQL and Temporal at the start. Milliseconds. */
const MAX_PAUSE_MS = 5_000;

/** The options that every worker of flows has, in production and in tests. */
export function flowWorkerOptions(
  parts: Pick<WorkerParts, 'activities' | 'dataConverter' | 'metrics'>,
  namespace: string,
): Omit<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return {
    namespace,
    taskQueue: FLOWS_TASK_QUEUE,
    activities: parts.activities,
    dataConverter: parts.dataConverter,
    interceptors: { activity: [activityObserver(parts.metrics)] },
    // A call in flight gets time to end; what is cut off after that is retried elsewhere.
    shutdownGraceTime: '25s',
    shutdownForceTime: '28s',
    // A cached run takes about 120 KB, an evicted one nothing here: what waits for hours need not stay in memory, and
    // its short history is read again when it goes on. Far more than are at work at the same time.
    maxCachedWorkflows: 300,
    // How long the runs cached by a killed worker wait for it before another takes them.
    stickyQueueScheduleToStartTimeout: '2s',
  };
}

/** Runs the Temporal worker from start to drained end. PostgreSQL and Temporal may be away at the start. */
export class TemporalWorker {
  #connection: NativeConnection | undefined;
  #worker: Worker | undefined;
  #ran: Promise<void> | undefined;
  #kept: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(
    private readonly config: Readonly<WorkerConfig>,
    private readonly parts: WorkerParts,
    private readonly log: Logger,
  ) {}

  /** Resolves when the worker polls; undefined when it was stopped before. The returned promise ends with the worker. */
  async start(): Promise<{ ended: Promise<void> } | undefined> {
    const { buildId } = await readBuildId();
    if ((await this.#eventually('postgres', () => this.#connectStore())) === undefined) return undefined;
    this.#connection = await this.#eventually('temporal', () =>
      NativeConnection.connect({ address: this.config.temporalAddress }),
    );
    if (this.#connection === undefined) return undefined;
    const worker = await this.#eventually('temporal', () => this.#create(buildId));
    if (worker === undefined) return undefined;
    this.#worker = worker;
    this.#ran = worker.run();
    // Whoever started us learns of a failure by `ended`; this keeps it from being unhandled until then.
    this.#ran.catch(() => undefined);
    if (this.config.promoteBuild) await this.#promote(buildId);
    this.log.info('worker polls', { buildId });
    return { ended: this.#ran };
  }

  /** Throws unless the worker polls and is not draining. */
  assertRunning(): void {
    const state = this.#worker?.getState() ?? 'INITIALIZED';
    if (state !== 'RUNNING') throw new Error(`worker is ${state}`);
  }

  /** Stops polling, lets running activities end within the grace time, then closes the connection. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#worker?.getState() === 'RUNNING') this.#worker.shutdown();
    await this.#ran?.catch(() => undefined);
    await this.#kept?.catch(() => undefined);
    await this.#connection?.close();
  }

  async #connectStore(): Promise<true> {
    if (!this.parts.dataSource.isInitialized) await this.parts.dataSource.initialize();
    await this.parts.circuits.open();
    return true;
  }

  #create(buildId: string): Promise<Worker> {
    if (this.#connection === undefined) throw new Error('not connected');
    return Worker.create({
      ...flowWorkerOptions(this.parts, this.config.temporalNamespace),
      connection: this.#connection,
      workflowBundle: { codePath: BUNDLE_PATH },
      maxConcurrentActivityTaskExecutions: this.config.maxConcurrentCalls,
      // Short steps call their remotes from local activities, which also open, evaluate and close runs.
      maxConcurrentLocalActivityExecutions: this.config.maxConcurrentCalls,
      workerDeploymentOptions: {
        useWorkerVersioning: true,
        version: { deploymentName: FLOWS_DEPLOYMENT, buildId },
        defaultVersioningBehavior: 'PINNED',
      },
    });
  }

  /** Promotes once the build polls, and watches from then on that it is not lost. */
  async #promote(buildId: string): Promise<void> {
    const temporal = createTemporalClient({
      address: this.config.temporalAddress,
      namespace: this.config.temporalNamespace,
      dataConverter: this.parts.dataConverter,
      identity: 'ecluse-worker',
    });
    const build = { deployment: FLOWS_DEPLOYMENT, buildId };
    const promoted = await this.#eventually('temporal', () => promoteWorkerBuild(temporal, build));
    if (promoted?.changed === true) this.log.info('worker build promoted', { buildId });
    this.#kept = keepBuildCurrent(temporal, build, this.log, this.#stopping.signal).finally(() =>
      temporal.close(),
    );
  }

  /** Tries until it works or the worker is stopped. */
  async #eventually<T>(part: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let pauseMs = 250; !this.#stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        this.log.warn('not reachable yet', { part, retryInMs: pauseMs, error });
      }
      await pause(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    return undefined;
  }
}
