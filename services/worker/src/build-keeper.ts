import { setTimeout as pause } from 'node:timers/promises';
import { isEcluseError } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import { describeWorkerDeployment, promoteWorkerBuild, type TemporalClient } from '@ecluse/temporal';

export interface BuildKeeperOptions {
  deployment: string;
  buildId: string;
  /** Milliseconds between two looks. Default 10000. */
  everyMs?: number;
}

/**
 * Makes this build current again when the deployment knows none: Temporal's data was wiped, and new runs would wait
 * for ever. A build that somebody else made current stays so. Resolves when `signal` is aborted.
 */
export async function keepBuildCurrent(
  temporal: TemporalClient,
  { deployment, buildId, everyMs = 10_000 }: BuildKeeperOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (await waited(everyMs, signal)) {
    try {
      const found = await describeWorkerDeployment(temporal, deployment);
      // Not there at all: the worker's next poll makes it known.
      if (found?.currentBuildId !== null) continue;
      await promoteWorkerBuild(temporal, { deployment, buildId, timeoutMs: everyMs });
      log.warn('the deployment had lost its build; promoted again', { buildId });
    } catch (error) {
      // Temporal is away, which its poller and the health endpoint tell; the next look comes by itself.
      if (!isEcluseError(error, 'ENGINE_UNAVAILABLE')) log.warn('deployment not checked', { error });
    }
  }
}

/** False when the signal was aborted meanwhile. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
