import 'reflect-metadata';
import { loadConfig, summarise } from '@ecluse/config';
import { createLogger } from '@ecluse/observability';
import { createIngress } from './create-ingress.js';
import { IngressConfig } from './ingress.config.js';

const bootLog = createLogger('ingress');
try {
  const config = loadConfig(IngressConfig, process.env);
  const log = createLogger('ingress', config.logLevel);
  log.info('config loaded', { config: summarise(IngressConfig, config) });
  const app = await createIngress(config, log);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  const onlyDispatcher = config.role === 'dispatcher';
  const port = onlyDispatcher ? config.dispatcherHealthPort : config.doorPort;
  await app.listen(port, onlyDispatcher ? '127.0.0.1' : config.doorHost);
  log.info('ingress is up', { role: config.role, host: config.doorHost, port });
} catch (error) {
  bootLog.error('ingress could not start', { error });
  process.exitCode = 1;
}
