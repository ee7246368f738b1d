import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FLOW_RUN_WORKFLOW, FLOWS_TASK_QUEUE } from '@ecluse/contracts';
import { createStackHome, freePort, startTemporal, type TemporalServer } from '@ecluse/local-stack';
import { createLogger } from '@ecluse/observability';
import { createSealer, createTemporalCodec, createVaultDataKeys } from '@ecluse/payload-crypto';
import { createDataConverter, createTemporalClient, tenantOfWorkflow } from '@ecluse/temporal';
import { eventually, testServers } from '@ecluse/testing';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import { MemoryAuditLog } from '../testing/memory-audit-log.js';
import { plainRequest, type PlainAnswer, type PlainRequest } from '../testing/plain-request.js';
import { OperatorAccess } from './operator-access.js';
import { startOperatorListener, type OperatorListener } from './operator-listener.js';
import { SessionRegistry } from './session-registry.js';

const canary = `canary-${randomUUID()}`;
const workflowId = `wh:acme:crm:${randomUUID().replaceAll('-', '')}:orders`;
const namespace = 'ecluse';

/** Real: Temporal with its UI, Vault with the policies of dispatcher and admin API. Stand-in: the audit log. */
describe('the Temporal UI behind the operator listener', () => {
  const vaults: VaultClient[] = [];
  let folder: string;
  let temporal: TemporalServer;
  let listener: OperatorListener;
  let cookie = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecluse-ui-'));
    temporal = await startTemporal({
      home: await createStackHome(folder),
      binary: testServers().toolchain.temporal.path,
      port: await freePort(),
      uiPort: await freePort(),
    });
    await startRun(temporal.address, await codecOf('dispatcher', vaults));
    const sessions = new SessionRegistry();
    const keys = { find: () => Promise.resolve(undefined) };
    listener = await startOperatorListener({
      hostName: 'ecluse.localhost',
      port: 0,
      temporalUi: temporal.uiUrl ?? '',
      namespace,
      decoder: await codecOf('admin-api', vaults),
      access: new OperatorAccess(sessions, keys, new MemoryAuditLog()),
      log: createLogger('test', 'silent'),
    });
    const keyExpiresAt = new Date(Date.now() + 3_600_000);
    const { token } = sessions.createLink({ tenant: 'acme', keyId: 'k', name: 'ops', keyExpiresAt });
    const answer = await send(`/login/${token}`);
    cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    // The UI server starts before the engine and finds it at its next attempt.
    await eventually(async () => {
      expect((await send(workflow)).status).toBe(200);
    });
  }, 60_000);
  afterAll(async () => {
    await listener.close();
    await Promise.all([temporal.stop(), ...vaults.map((vault) => vault.close())]);
    await rm(folder, { recursive: true, force: true });
  });

  function send(path: string, options: PlainRequest = {}): Promise<PlainAnswer> {
    const { host, port } = new URL(listener.origin);
    return plainRequest(Number(port), path, {
      ...options,
      headers: { host, cookie, ...options.headers },
    });
  }
  const workflow = `/api/v1/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;

  it('serves its pages, and its settings as read-only with the codec on this origin', async () => {
    const page = await send(`/namespaces/${namespace}/workflows`);
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    const settings = (await send('/api/v1/settings')).json();
    expect(settings).toMatchObject({ DisableWriteActions: true, Codec: { Endpoint: '/codec' } });
  });

  it('shows a history without plaintext, whose payloads decode here', async () => {
    const history = await send(`${workflow}/history`);
    expect(history.status).toBe(200);
    expect(history.body).not.toContain(canary);
    const {
      history: { events },
    } = history.json() as {
      history: { events: { workflowExecutionStartedEventAttributes?: { input: unknown } }[] };
    };
    const decoded = await send('/codec/decode?preserveStorageRefs=true', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: listener.origin, 'x-namespace': namespace },
      body: JSON.stringify(events[0]?.workflowExecutionStartedEventAttributes?.input),
    });
    expect(decoded.status).toBe(200);
    const { payloads } = decoded.json() as { payloads: { data: string }[] };
    expect(Buffer.from(payloads[0]?.data ?? '', 'base64').toString()).toContain(canary);
  });

  it('refuses to end the run, which goes on', async () => {
    const headers = { 'content-type': 'application/json', origin: listener.origin };
    expect((await send(`${workflow}/terminate`, { method: 'POST', headers, body: '{}' })).status).toBe(405);
    const described = (await send(workflow)).json() as { workflowExecutionInfo: { status: string } };
    expect(described.workflowExecutionInfo.status).toBe('WORKFLOW_EXECUTION_STATUS_RUNNING');
  });
});

async function startRun(address: string, codec: ReturnType<typeof createTemporalCodec>): Promise<void> {
  const client = createTemporalClient({ address, namespace, dataConverter: createDataConverter(codec) });
  const options = { workflowId, taskQueue: FLOWS_TASK_QUEUE, args: [{ email: canary }] };
  await client.client.workflow.start(FLOW_RUN_WORKFLOW, options);
  await client.close();
}

async function codecOf(
  service: 'dispatcher' | 'admin-api',
  opened: VaultClient[],
): Promise<ReturnType<typeof createTemporalCodec>> {
  const { vault } = testServers();
  const { roleId, secretIdFile } = vault.services[service];
  const secretId = (await readFile(secretIdFile, 'utf8')).trim();
  const client = createVaultClient({ addr: vault.address, roleId, secretId, name: service });
  opened.push(client);
  const sealer = createSealer(createVaultDataKeys(client));
  return createTemporalCodec({ sealer, namespace, tenantOf: tenantOfWorkflow });
}
