import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { bundleFlowRun } from '@ecluse/bundle';
import { createLogger } from '@ecluse/observability';
import {
  createTemporalClient,
  describeWorkerDeployment,
  promoteWorkerBuild,
  type TemporalClient,
} from '@ecluse/temporal';
import { eventually, testServers, uniqueName } from '@ecluse/testing';
import { keepBuildCurrent } from './build-keeper.js';

/** A real Temporal with two versioned workers; what a wipe leaves behind is made by taking the current build away. */
const deployment = uniqueName('deployment');
const taskQueue = uniqueName('flows');
const stopping = new AbortController();
let temporal: TemporalClient;
let native: NativeConnection;
let workers: Worker[];
let ended: Promise<unknown>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const { address, namespace } = testServers().temporal;
  temporal = createTemporalClient({ address, namespace, dataConverter: {} });
  native = await NativeConnection.connect({ address });
  const workflowBundle = await bundleFlowRun();
  workers = await Promise.all(
    ['ours', 'another'].map((buildId) =>
      Worker.create({
        connection: native,
        namespace,
        taskQueue,
        workflowBundle,
        workerDeploymentOptions: {
          useWorkerVersioning: true,
          version: { deploymentName: deployment, buildId },
          defaultVersioningBehavior: 'PINNED',
        },
      }),
    ),
  );
  ended = Promise.all(workers.map((worker) => worker.run()));
}, 60_000);

afterAll(async () => {
  stopping.abort();
  for (const worker of workers) worker.shutdown();
  await ended;
  await temporal.close();
  await native.close();
  await Runtime.instance().shutdown();
});

const current = async () => (await describeWorkerDeployment(temporal, deployment))?.currentBuildId;

async function forgetCurrent(): Promise<void> {
  const { namespace, identity } = temporal;
  await temporal.client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName: deployment,
    buildId: '',
    identity,
    ignoreMissingTaskQueues: true,
  });
}

describe('keepBuildCurrent', () => {
  it('leaves the build of another alone, and promotes ours when none is current', async () => {
    await promoteWorkerBuild(temporal, { deployment, buildId: 'another' });
    const lines: string[] = [];
    const log = createLogger('spec', 'debug', { write: (line: string) => void lines.push(line) });
    const build = { deployment, buildId: 'ours', everyMs: 100 };
    const keeping = keepBuildCurrent(temporal, build, log, stopping.signal);

    await promoteWorkerBuild(temporal, { deployment, buildId: 'ours' });
    await promoteWorkerBuild(temporal, { deployment, buildId: 'another' });
    expect(await current()).toBe('another');
    expect(lines).toEqual([]);

    await forgetCurrent();
    await eventually(async () => {
      expect(await current()).toBe('ours');
    });
    expect(lines.join()).toContain('promoted again');
    stopping.abort();
    await keeping;
  }, 40_000);
});
