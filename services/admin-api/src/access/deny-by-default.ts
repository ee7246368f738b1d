import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { EcluseError } from '@ecluse/errors';
import { ACCESS } from './requires.decorator.js';

/** Nest's own key for the path of a handler. */
const PATH_METADATA = 'path';

/** Stops the boot when a handler declares neither `@Requires` nor `@Open`. Throws CONFIG_INVALID. */
@Injectable()
export class DenyByDefault implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      const prototype: unknown = Object.getPrototypeOf(instance);
      if (typeof metatype !== 'function' || typeof prototype !== 'object' || prototype === null) return [];
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((method) => this.isUndeclared(Reflect.get(prototype, method)))
        .map((method) => `${metatype.name}.${method}`);
    });
    if (undeclared.length > 0) {
      throw new EcluseError('CONFIG_INVALID', {
        detail: `No @Requires or @Open on ${undeclared.join(', ')}`,
      });
    }
  }

  private isUndeclared(handler: unknown): boolean {
    if (typeof handler !== 'function') return false;
    const isRoute = Reflect.hasMetadata(PATH_METADATA, handler);
    return isRoute && this.reflector.get(ACCESS, handler as () => unknown) === undefined;
  }
}
