import 'reflect-metadata';
import { loadConfig, summarise } from '@ecluse/config';
import { createLogger } from '@ecluse/observability';
import { AdminApiConfig } from './admin-api.config.js';
import { startAdminApi, type AdminApi } from './start-admin-api.js';

async function main(): Promise<void> {
  const config = loadConfig(AdminApiConfig, process.env);
  const log = createLogger('admin-api', config.logLevel);
  log.info('config loaded', { config: summarise(AdminApiConfig, config) });
  const api = await startAdminApi(config, log);
  log.info('admin API listens', { host: api.url });
  log.info('operator listener listens', { host: api.operatorOrigin });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      void stop(api);
    });
  }
}

async function stop(api: AdminApi): Promise<void> {
  try {
    await api.stop();
    process.exit(0);
  } catch (error) {
    fail('admin API stopped badly', error);
  }
}

function fail(message: string, error: unknown): never {
  createLogger('admin-api').error(message, { error });
  process.exit(1);
}

await main().catch((error: unknown) => fail('admin API did not start', error));
