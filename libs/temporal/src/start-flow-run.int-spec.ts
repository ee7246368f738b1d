import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { createTestAppRole, eventually, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import type { PayloadCodec } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import {
  createDataConverter,
  createTemporalClient,
  startFlowRun,
  tenantOfWorkflow,
  type TemporalClient,
} from './index.js';
import { runOf } from './testing/run-of.js';

describe('startFlowRun on a real Temporal', () => {
  const open: TemporalClient[] = [];
  const role = uniqueName('start');
  let vault: VaultClient;
  let codec: PayloadCodec;
  let temporal: TemporalClient;
  const create = (
    change: { address?: string; namespace?: string; codec?: PayloadCodec } = {},
  ): TemporalClient => {
    const { address, namespace } = testServers().temporal;
    const dataConverter = createDataConverter(change.codec ?? codec);
    const client = createTemporalClient({ address, namespace, ...change, dataConverter });
    open.push(client);
    return client;
  };
  /** No worker polls it: the runs stay as they were started. */
  const taskQueue = uniqueName('nobody');
  const start = (client: TemporalClient, run = runOf()): ReturnType<typeof startFlowRun> =>
    startFlowRun(client, run, { taskQueue });

  beforeAll(async () => {
    const login = await createTestAppRole(role, ['base', 'worker'], { token_period: '1h' });
    vault = createVaultClient({ addr: testServers().vault.address, name: 'spec', ...login });
    const sealer = createSealer(createVaultDataKeys(vault));
    codec = createTemporalCodec({
      sealer,
      namespace: testServers().temporal.namespace,
      tenantOf: tenantOfWorkflow,
    });
    temporal = create();
  });
  afterAll(async () => {
    await Promise.all(open.map((client) => client.close()));
    await vault.close();
    await vaultAsRoot('DELETE', `auth/approle/role/${role}`);
  });

  it.each<[string, Parameters<typeof runOf>[0]]>([
    ['an id of 256 bytes', { workflowId: 'w'.repeat(256) }],
    ['an id of 255 letters and 256 bytes', { workflowId: `${'w'.repeat(254)}é` }],
    ['no id', { workflowId: '' }],
    ['arguments that are too large', { effectNonce: 'n'.repeat(300_000) }],
  ])('refuses %s before it asks Temporal', async (_name, change) => {
    const nowhere = create({ address: '127.0.0.1:9' });
    await expect(start(nowhere, runOf(change))).rejects.toMatchObject({ code: 'ECL-2002' });
  });

  it('is unavailable in two seconds when nothing listens', async () => {
    const before = performance.now();
    await expect(start(create({ address: '127.0.0.1:9' }))).rejects.toMatchObject({ code: 'ECL-2001' });
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it('is unavailable in two seconds when somebody listens and says nothing', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const before = performance.now();
    const client = create({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` });
    await expect(start(client)).rejects.toMatchObject({ code: 'ECL-2001' });
    expect(performance.now() - before).toBeLessThan(3000);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('is unavailable, not refused, where the namespace is missing: somebody will make it', async () => {
    await expect(start(create({ namespace: 'nowhere' }))).rejects.toMatchObject({ code: 'ECL-2001' });
  });

  it('is unavailable, not refused, where search attributes are missing', async () => {
    const namespace = uniqueName('bare');
    const workflowExecutionRetentionPeriod = msToTs('1 day');
    await temporal.client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    const plain: PayloadCodec = {
      encode: (list) => Promise.resolve(list),
      decode: (list) => Promise.resolve(list),
    };
    const client = create({ namespace, codec: plain });
    await eventually(async () => {
      await expect(start(client)).rejects.toThrow('search attribute');
    });
    await expect(start(client)).rejects.toMatchObject({ code: 'ECL-2001' });
  });

  it('passes on that Vault is away, and starts nothing in plaintext', async () => {
    const away = (): Promise<never> => Promise.reject(new EcluseError('VAULT_UNAVAILABLE'));
    const run = runOf();
    const client = create({ codec: { encode: away, decode: away } });
    await expect(start(client, run)).rejects.toMatchObject({ code: 'ECL-3001' });
    await expect(temporal.client.workflow.getHandle(run.workflowId).describe()).rejects.toThrow();
  });

  it('makes one run of 20 starts at once', async () => {
    const run = runOf();
    const started = await Promise.all(Array.from({ length: 20 }, () => start(temporal, run)));
    expect(new Set(started.map(({ temporalRunId }) => temporalRunId)).size).toBe(1);
    expect(started[0]?.temporalRunId).toEqual(expect.any(String));
  });

  it('makes no second run after the first ended', async () => {
    const run = runOf();
    await start(temporal, run);
    const handle = temporal.client.workflow.getHandle(run.workflowId);
    const { runId } = await handle.describe();
    await handle.terminate('spec');
    expect(await start(temporal, run)).toEqual({ temporalRunId: null });
    expect((await handle.describe()).runId).toBe(runId);
  });

  it('can be found by tenant, flow, version and origin of a replay; shows no argument', async () => {
    const run = runOf({ replayOf: '00000000-0000-4000-8000-000000000001' });
    await start(temporal, run);
    const handle = temporal.client.workflow.getHandle(run.workflowId);
    const { type, taskQueue: queue, typedSearchAttributes, priority } = await handle.describe();
    expect({ type, queue, fairness: priority?.fairnessKey }).toEqual({
      type: 'flowRun',
      queue: taskQueue,
      fairness: 'acme',
    });
    const attributes = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
      TenantId: 'acme',
      FlowId: 'deal-won',
      FlowVersion: 3,
      ReplayOf: run.replayOf,
    });
    const { events } = await handle.fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const parts = [payload?.data ?? [], ...Object.values(payload?.metadata ?? {})].map((part) =>
      Buffer.from(part),
    );
    expect(Buffer.concat(parts).toString('latin1')).not.toContain(run.deliveryId);
    expect(Buffer.from(payload?.metadata?.['tenant'] ?? []).toString()).toBe('acme');
  });
});
