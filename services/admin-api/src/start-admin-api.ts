import { readFileSync } from 'node:fs';
import { EcluseError } from '@ecluse/errors';
import { listenForMetrics, platformObservers } from '@ecluse/metrics';
import type { Logger } from '@ecluse/observability';
import type { AdminApiConfig } from './admin-api.config.js';
import { createAdminMetrics, requestObserver } from './admin-metrics.js';
import { connectAdapters, type Adapters } from './adapters/connect-adapters.js';
import { errorCode } from './http/error-code.js';
import { createAdminApp } from './create-admin-app.js';
import { ListenerLinks } from './operator/operator-links.js';
import { OperatorAccess } from './operator/operator-access.js';
import { startOperatorListener, type OperatorListener } from './operator/operator-listener.js';
import { SessionRegistry } from './operator/session-registry.js';

export interface AdminApi {
  /** Base URL of the API. */
  url: string;
  /** Origin of the operator listener. */
  operatorOrigin: string;
  /** Lets running requests end, then closes everything. */
  stop(): Promise<void>;
}

/** Starts both listeners. Throws CONFIG_INVALID, STORE_UNAVAILABLE, PORT_IN_USE; nothing stays open then. */
export async function startAdminApi(config: Readonly<AdminApiConfig>, log: Logger): Promise<AdminApi> {
  const metrics = createAdminMetrics();
  const adapters = await connectAdapters(config, log, platformObservers(metrics.instruments, 'admin-api'));
  const started: { close(): Promise<unknown> }[] = [adapters];
  const stop = async (): Promise<void> => {
    for (const one of started.reverse()) await one.close();
  };
  try {
    const sessions = new SessionRegistry();
    const operator = await listenForOperators(config, adapters, sessions, log);
    started.push(operator);
    const operatorLinks = new ListenerLinks(sessions, operator.origin, config.temporalNamespace);
    const doorPublicUrl = config.doorPublicUrl.replace(/\/+$/, '');
    const app = await createAdminApp(
      { ...adapters.parts, operatorLinks, doorPublicUrl, version: ownVersion() },
      log,
      requestObserver(metrics),
    );
    started.push(app);
    const { metricsHost: host, metricsPort: port } = config;
    if (port !== undefined) started.push(await listenForMetrics({ host, port, metrics }));
    await listening(config.port, () => app.listen(config.port, config.host));
    return { url: await app.getUrl(), operatorOrigin: operator.origin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listenForOperators(
  config: Readonly<AdminApiConfig>,
  { parts, decoder }: Adapters,
  sessions: SessionRegistry,
  log: Logger,
): Promise<OperatorListener> {
  return listening(config.operatorPort, () =>
    startOperatorListener({
      hostName: config.operatorHostName,
      port: config.operatorPort,
      temporalUi: config.temporalUiAddr,
      namespace: config.temporalNamespace,
      decoder,
      access: new OperatorAccess(sessions, parts.apiKeys, parts.audit),
      log,
    }),
  );
}

/** Names the port when it is taken. */
async function listening<T>(port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') {
      throw new EcluseError('PORT_IN_USE', { detail: `port ${port} is taken`, cause: error });
    }
    throw error;
  }
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
