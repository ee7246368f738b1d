import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig, summarise } from '@ecluse/config';
import { createLogger } from '@ecluse/observability';
import type { TemporalWorker } from './temporal-worker.js';
import { installTemporalRuntime } from './temporal-runtime.js';
import { PARTS, TEMPORAL_WORKER } from './tokens.js';
import { WorkerConfig } from './worker.config.js';
import { registerWorkerHealth } from './worker-health.js';
import { listenForWorkerMetrics, sdkMetricsAddress } from './worker-listener.js';
import { WorkerModule } from './worker.module.js';
import type { WorkerParts } from './worker-parts.js';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const config = loadConfig(WorkerConfig, process.env);
const log = createLogger('worker', config.logLevel);
log.info('config loaded', { config: summarise(WorkerConfig, config) });
const sdkAddress = await sdkMetricsAddress(config);
installTemporalRuntime(log, sdkAddress);

const adapter = new FastifyAdapter();
const app = await NestFactory.create<NestFastifyApplication>(WorkerModule.with(config, log), adapter, {
  logger: false,
});
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
registerWorkerHealth(
  adapter.getInstance(),
  manifest.version,
  app.get<WorkerParts>(PARTS),
  app.get<TemporalWorker>(TEMPORAL_WORKER),
);
// It ends with the process, so that the last scrape of a draining worker is answered.
await listenForWorkerMetrics(config, app.get<WorkerParts>(PARTS).metrics, sdkAddress);
await app.listen(config.healthPort, config.healthHost);
