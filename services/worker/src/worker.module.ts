import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from '@ecluse/observability';
import { TemporalWorker } from './temporal-worker.js';
import { LOG, PARTS, TEMPORAL_WORKER } from './tokens.js';
import { WorkerLifecycle } from './worker-lifecycle.js';
import type { WorkerConfig } from './worker.config.js';
import { createWorkerParts, type WorkerParts } from './worker-parts.js';

@Module({})
export class WorkerModule {
  static with(config: Readonly<WorkerConfig>, log: Logger): DynamicModule {
    return {
      module: WorkerModule,
      providers: [
        { provide: LOG, useValue: log },
        { provide: PARTS, useFactory: () => createWorkerParts(config, log) },
        {
          provide: TEMPORAL_WORKER,
          useFactory: (parts: WorkerParts) => new TemporalWorker(config, parts, log),
          inject: [PARTS],
        },
        WorkerLifecycle,
      ],
    };
  }
}
