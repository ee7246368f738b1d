import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from '@ecluse/observability';
import type { TemporalWorker } from './temporal-worker.js';
import { LOG, PARTS, TEMPORAL_WORKER } from './tokens.js';
import type { WorkerParts } from './worker-parts.js';

/** Ties the Temporal worker to the life of the process: drain first, close what activities use afterwards. */
@Injectable()
export class WorkerLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  #stopping = false;

  constructor(
    @Inject(TEMPORAL_WORKER) private readonly worker: TemporalWorker,
    @Inject(PARTS) private readonly parts: WorkerParts,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Does not wait: the health endpoint has to answer while Temporal is away. */
  onApplicationBootstrap(): void {
    this.#run().catch((error: unknown) => {
      this.#fail(error);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    await this.worker.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.parts.close();
    this.log.info('worker stopped');
  }

  async #run(): Promise<void> {
    const started = await this.worker.start();
    await started?.ended;
    if (!this.#stopping) throw new Error('the Temporal worker ended by itself');
  }

  /** A worker that cannot work must not look alive: whoever supervises the process starts a new one. */
  #fail(error: unknown): void {
    if (this.#stopping) return;
    this.log.error('worker failed', { error });
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  }
}
