import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { listenForMetrics, type MetricsListener } from '@ecluse/metrics';
import type { WorkerConfig } from './worker.config.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** Where the SDK is to show its metrics: a free port on loopback. Undefined when the worker shows none. */
export async function sdkMetricsAddress({
  metricsPort,
}: Readonly<WorkerConfig>): Promise<string | undefined> {
  if (metricsPort === undefined) return undefined;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return `127.0.0.1:${String(port)}`;
}

/** Serves the worker's metrics with those of the SDK after them. Undefined when no port is set. Throws PORT_IN_USE. */
export async function listenForWorkerMetrics(
  { metricsHost: host, metricsPort: port }: Readonly<WorkerConfig>,
  metrics: WorkerMetrics,
  sdkAddress: string | undefined,
): Promise<MetricsListener | undefined> {
  if (port === undefined) return undefined;
  const append = sdkAddress === undefined ? {} : { append: `http://${sdkAddress}/metrics` };
  return listenForMetrics({ host, port, metrics, ...append });
}
