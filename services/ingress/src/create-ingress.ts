import { readFileSync } from 'node:fs';
import { armFailpoints } from '@ecluse/failpoints';
import { registerHealth } from '@ecluse/http';
import type { Logger } from '@ecluse/observability';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { doorAdapter, openDoor } from './door/door-adapter.js';
import { DoorProblemFilter, DoorProblems } from './door/door-problem.js';
import type { IngressConfig } from './ingress.config.js';
import { IngressModule, type IngressParts } from './ingress.module.js';
import { createDispatcherParts } from './wiring/dispatcher-parts.js';
import { createDoorParts } from './wiring/door-parts.js';
import {
  createIngressMetrics,
  observeDoor,
  refusalObserver,
  type IngressMetrics,
} from './wiring/ingress-metrics.js';

function createParts(
  config: IngressConfig,
  problems: DoorProblems,
  metrics: IngressMetrics,
  log: Logger,
): IngressParts {
  const failpoints = armFailpoints({
    setting: config.failpoints,
    point: config.failpoint,
    folder: config.failpointFolder,
  });
  const context = { failpoints, metrics, log };
  return {
    ...(config.role === 'dispatcher' ? {} : { door: createDoorParts(config, { ...context, problems }) }),
    ...(config.role === 'door' ? {} : { dispatcher: createDispatcherParts(config, context) }),
    metrics: { metrics, host: config.metricsHost, port: config.metricsPort },
  };
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Builds the ingress of one process; it listens and works once `listen` is called. */
export async function createIngress(config: IngressConfig, log: Logger): Promise<NestFastifyApplication> {
  const metrics = createIngressMetrics(config.role);
  const problems = new DoorProblems(log, config.role === 'dispatcher' ? undefined : refusalObserver(metrics));
  const parts = createParts(config, problems, metrics, log);
  const adapter = doorAdapter(config.doorMaxBodyBytes);
  const app = await NestFactory.create<NestFastifyApplication>(IngressModule.of(parts), adapter, {
    bodyParser: false,
    logger: false,
    forceCloseConnections: false,
  });
  app.useGlobalFilters(new DoorProblemFilter(problems));
  if (parts.door !== undefined) {
    openDoor(adapter, parts.door.door);
    observeDoor(adapter.getInstance(), metrics);
  }
  registerHealth(adapter.getInstance(), {
    service: 'ingress',
    version: versionOf(),
    checks: { ...parts.door?.checks, ...parts.dispatcher?.checks },
  });
  return app;
}
