import {
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { listenForMetrics, type MetricsListener } from '@ecluse/metrics';
import type { DispatcherParts } from './wiring/dispatcher-parts.js';
import type { DoorParts } from './wiring/door-parts.js';
import type { IngressMetrics } from './wiring/ingress-metrics.js';

/** The parts that this process runs. */
export interface IngressParts {
  door?: DoorParts;
  dispatcher?: DispatcherParts;
  metrics: { metrics: IngressMetrics; host: string; port: number | undefined };
}

/** Opens the parts at start and closes them at the end, in the order in which they need each other. */
export class IngressLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private listener: MetricsListener | undefined;

  constructor(private readonly parts: IngressParts) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metrics, host, port } = this.parts.metrics;
    if (port !== undefined) this.listener = await listenForMetrics({ metrics, host, port });
    this.parts.door?.open();
    this.parts.dispatcher?.open();
  }

  /** Requests are drained after this; they do not need the dispatcher. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.parts.dispatcher?.dispatcher.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.parts.door?.close(), this.parts.dispatcher?.close(), this.listener?.close()]);
  }
}

@Module({})
export class IngressModule {
  static of(parts: IngressParts): DynamicModule {
    return {
      module: IngressModule,
      providers: [{ provide: IngressLifecycle, useValue: new IngressLifecycle(parts) }],
    };
  }
}
