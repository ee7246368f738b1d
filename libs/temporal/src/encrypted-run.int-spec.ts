import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestAppRole, eventually, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import {
  createDataConverter,
  createTemporalClient,
  describeWorkerDeployment,
  promoteWorkerBuild,
  startFlowRun,
  tenantOfWorkflow,
  type TemporalClient,
} from './index.js';
import type { CanaryActivities } from './testing/canary-workflow.js';
import { runOf } from './testing/run-of.js';

const activities: CanaryActivities = {
  async echo(text) {
    if (!activityInfo().isLocal) heartbeat(text);
    await delay(20);
    return text;
  },
  fail: (text) =>
    Promise.reject(
      ApplicationFailure.create({
        message: text,
        type: 'ECL-4003',
        details: [text],
        cause: new Error(text),
        nonRetryable: true,
      }),
    ),
};

/** One versioned worker, as production has it; its workflow puts a canary wherever a history can hold a value. */
describe('a run on a real Temporal with payloads sealed by a real Vault', () => {
  const role = uniqueName('codec');
  const deployment = uniqueName('deployment');
  const taskQueue = uniqueName('flows');
  const buildId = 'build-1';
  let vault: VaultClient;
  let temporal: TemporalClient;
  let native: NativeConnection;
  let worker: Worker;
  let ran: Promise<void>;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const { address, namespace } = testServers().temporal;
    const login = await createTestAppRole(role, ['base', 'worker'], { token_period: '1h' });
    vault = createVaultClient({ addr: testServers().vault.address, name: 'spec', ...login });
    const sealer = createSealer(createVaultDataKeys(vault));
    const dataConverter = createDataConverter(
      createTemporalCodec({ sealer, namespace, tenantOf: tenantOfWorkflow }),
    );
    temporal = createTemporalClient({ address, namespace, dataConverter });
    native = await NativeConnection.connect({ address });
    const workflowsPath = fileURLToPath(new URL('./testing/canary-workflow.ts', import.meta.url));
    worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue,
      dataConverter,
      workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
      activities,
      workerDeploymentOptions: {
        useWorkerVersioning: true,
        version: { deploymentName: deployment, buildId },
        defaultVersioningBehavior: 'PINNED',
      },
    });
  }, 60_000);
  afterAll(async () => {
    worker.shutdown();
    await ran;
    await native.close();
    await temporal.close();
    await vault.close();
    await vaultAsRoot('DELETE', `auth/approle/role/${role}`);
    await Runtime.instance().shutdown();
  });

  it('has no build to promote before the first worker polls', async () => {
    expect(await describeWorkerDeployment(temporal, deployment)).toBeNull();
    const promotion = promoteWorkerBuild(temporal, { deployment, buildId, timeoutMs: 300 });
    await expect(promotion).rejects.toMatchObject({ code: 'ECL-2001' });
  });

  it('promotes a build when it appears, once', async () => {
    const promotion = promoteWorkerBuild(temporal, { deployment, buildId });
    ran = worker.run();
    expect(await promotion).toEqual({ changed: true, previousBuildId: null });
    expect(await promoteWorkerBuild(temporal, { deployment, buildId })).toEqual({
      changed: false,
      previousBuildId: buildId,
    });
    expect(await describeWorkerDeployment(temporal, deployment)).toMatchObject({
      currentBuildId: buildId,
      buildIds: [buildId],
    });
  }, 30_000);

  it('does not promote a build that nobody runs', async () => {
    const promotion = promoteWorkerBuild(temporal, { deployment, buildId: 'build-2', timeoutMs: 300 });
    await expect(promotion).rejects.toThrow('build-2');
    expect(await describeWorkerDeployment(temporal, deployment)).toMatchObject({ currentBuildId: buildId });
  });

  it('leaves the canary nowhere in what Temporal stores, and every payload bound to its tenant', async () => {
    const run = runOf();
    const canary = `canary-${run.deliveryId}`;
    await startFlowRun(temporal, run, { taskQueue });
    const handle = temporal.client.workflow.getHandle(run.workflowId);
    expect(await handle.result()).toBe(`${canary},${canary}`);

    const history = await handle.fetchHistory();
    const described = await temporal.client.workflowService.describeWorkflowExecution({
      namespace: temporal.namespace,
      execution: { workflowId: run.workflowId },
    });
    const found = payloadsIn([history, described.workflowExecutionInfo?.memo]);
    expect(readable([history, described.toJSON()])).not.toContain('canary-');
    expect(found.length).toBeGreaterThan(10);
    for (const { metadata } of found) {
      expect(Buffer.from(metadata['tenant'] ?? []).toString()).toBe('acme');
    }
    expect((await handle.describe()).memo).toEqual({ canary });
  }, 30_000);

  it('is listed for those who may read it', async () => {
    const run = runOf({ flow: uniqueName('listed') });
    await startFlowRun(temporal, run, { taskQueue });
    await eventually(async () => {
      const found = [];
      for await (const { workflowId } of temporal.client.workflow.list({ query: `FlowId = '${run.flow}'` })) {
        found.push(workflowId);
      }
      expect(found).toEqual([run.workflowId]);
    });
  });
});

interface EncryptedPayload {
  metadata: Record<string, Uint8Array>;
}

/** Payloads with our encoding, wherever they are. */
function payloadsIn(value: unknown): EncryptedPayload[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if ('metadata' in value && 'data' in value) {
    const { metadata } = value as EncryptedPayload;
    const encoding = Buffer.from(metadata['encoding'] ?? []).toString();
    return encoding === 'binary/encrypted' ? [value as EncryptedPayload] : [];
  }
  return Object.values(value).flatMap(payloadsIn);
}

/** Every text and every byte string as text. */
function readable(value: unknown): string {
  if (typeof value === 'string') return `${value} ${Buffer.from(value, 'base64').toString('latin1')}`;
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(readable).join(' ');
}
