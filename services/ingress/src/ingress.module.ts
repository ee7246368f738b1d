import {
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { DispatcherParts } from './wiring/dispatcher-parts.js';
import type { DoorParts } from './wiring/door-parts.js';

/** The parts that this process runs. */
export interface IngressParts {
  door?: DoorParts;
  dispatcher?: DispatcherParts;
}

/** Opens the parts at start and closes them at the end, in the order in which they need each other. */
export class IngressLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly parts: IngressParts) {}

  onApplicationBootstrap(): void {
    this.parts.door?.open();
    this.parts.dispatcher?.open();
  }

  /** Requests are drained after this; they do not need the dispatcher. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.parts.dispatcher?.dispatcher.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.parts.door?.close(), this.parts.dispatcher?.close()]);
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
