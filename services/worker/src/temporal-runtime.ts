import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '@ecluse/observability';

/**
 * The SDK's process-wide runtime, once and first: no signal handlers of its own, and its log lines through ours.
 * @param metricsAddress `host:port` on loopback where the SDK shows its own metrics; nowhere without.
 */
export function installTemporalRuntime(log: Logger, metricsAddress?: string): void {
  Runtime.install({
    shutdownSignals: [],
    ...(metricsAddress === undefined
      ? {}
      : { telemetryOptions: { metrics: { prometheus: { bindAddress: metricsAddress } } } }),
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      // `meta` may hold a failure with its payload; the error alone passes our redaction.
      const fields = { part: 'temporal-sdk', error: meta?.['error'] as unknown };
      if (level === 'ERROR') log.error(message, fields);
      else log.warn(message, fields);
    }),
  });
}
