import { setTimeout as delay } from 'node:timers/promises';
import { EcluseError } from '@ecluse/errors';
import { withDeadline, type TemporalClient } from './create-temporal-client.js';
import { GRPC, grpcCodeOf } from './engine-error.js';

/** Temporal's view of the worker builds of one deployment. */
export interface WorkerDeployment {
  /** Build that new runs start on; null before the first promotion. */
  currentBuildId: string | null;
  /** Builds that Temporal has seen polling. */
  buildIds: string[];
  /** For optimistic locking. */
  conflictToken: Uint8Array;
}
export interface PromoteWorkerBuildOptions {
  deployment: string;
  buildId: string;
  /** Milliseconds to wait for the build's first worker. Default 60000. */
  timeoutMs?: number;
}

const CALL_TIMEOUT_MS = 5000;
const POLL_MS = 200;

/** null until the deployment's first worker has polled. Throws ENGINE_UNAVAILABLE. */
export async function describeWorkerDeployment(
  temporal: TemporalClient,
  deployment: string,
): Promise<WorkerDeployment | null> {
  const { namespace } = temporal;
  const answer = await withDeadline(temporal, CALL_TIMEOUT_MS, 'describe worker deployment', async () => {
    try {
      return await temporal.client.workflowService.describeWorkerDeployment({
        namespace,
        deploymentName: deployment,
      });
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.NOT_FOUND) return null;
      throw error;
    }
  });
  if (answer === null) return null;
  const { workerDeploymentInfo: info, conflictToken } = answer;
  const buildIds = (info?.versionSummaries ?? []).map((summary) => summary.deploymentVersion?.buildId ?? '');
  const current = info?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
  return {
    currentBuildId: current === '' ? null : current,
    buildIds: buildIds.filter((buildId) => buildId !== ''),
    conflictToken,
  };
}

/**
 * Makes new runs start on `buildId`; running ones stay pinned to their build. Waits until a worker of the build has
 * polled; does nothing when the build is current already.
 * Throws ENGINE_UNAVAILABLE when the build does not appear in time or Temporal is away.
 */
export async function promoteWorkerBuild(
  temporal: TemporalClient,
  options: PromoteWorkerBuildOptions,
): Promise<{ changed: boolean; previousBuildId: string | null }> {
  const endsAt = performance.now() + (options.timeoutMs ?? 60_000);
  for (;;) {
    const found = await describeWorkerDeployment(temporal, options.deployment);
    const previousBuildId = found?.currentBuildId ?? null;
    if (previousBuildId === options.buildId) return { changed: false, previousBuildId };
    if (
      found?.buildIds.includes(options.buildId) === true &&
      (await setCurrent(temporal, options, found.conflictToken))
    ) {
      return { changed: true, previousBuildId };
    }
    if (performance.now() >= endsAt) {
      throw new EcluseError('ENGINE_UNAVAILABLE', {
        detail: `no worker of build ${options.buildId} polls for deployment ${options.deployment}`,
      });
    }
    await delay(POLL_MS);
  }
}

/** False when somebody else changed the deployment meanwhile, or not all its queues are polled yet. */
async function setCurrent(
  temporal: TemporalClient,
  { deployment, buildId }: PromoteWorkerBuildOptions,
  conflictToken: Uint8Array,
): Promise<boolean> {
  const { namespace, identity } = temporal;
  const request = { namespace, deploymentName: deployment, buildId, conflictToken, identity };
  return withDeadline(temporal, CALL_TIMEOUT_MS, 'promote worker build', async () => {
    try {
      await temporal.client.workflowService.setWorkerDeploymentCurrentVersion(request);
      return true;
    } catch (error) {
      const code = grpcCodeOf(error);
      if (code === GRPC.FAILED_PRECONDITION || code === GRPC.NOT_FOUND) return false;
      throw error;
    }
  });
}
