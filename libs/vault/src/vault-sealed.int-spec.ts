import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createStackHome, freePort, startVault, type VaultServer } from '@ecluse/local-stack';
import { eventually, testServers } from '@ecluse/testing';
import { createVaultClient, type VaultClient } from './index.js';

/** On a Vault of its own: sealing the shared one would disturb other specs. */
describe('Vault client while Vault is sealed', () => {
  let server: VaultServer;
  let folder: string;
  let unsealKey: string;
  let rootToken: string;
  let vault: VaultClient;
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${server.address}/v1/${path}`, {
      method,
      headers: rootToken === '' ? {} : { 'x-vault-token': rootToken },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const unseal = async (): Promise<void> => {
    await call('PUT', 'sys/unseal', { key: unsealKey });
    await eventually(async () => {
      expect((await fetch(`${server.address}/v1/sys/health`)).status).toBe(200);
    });
  };
  const read = (): Promise<unknown> => vault.read(['auth', 'token', 'lookup-self']);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecluse-sealed-'));
    const [home, port, clusterPort] = await Promise.all([createStackHome(folder), freePort(), freePort()]);
    server = await startVault({ home, binary: testServers().toolchain.vault.path, port, clusterPort });
    rootToken = '';
    const init = await call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    unsealKey = String((init['keys_base64'] as string[])[0]);
    rootToken = String(init['root_token']);
    await unseal();
    await call('POST', 'sys/auth/approle', { type: 'approle' });
    await call('POST', 'auth/approle/role/spec', { token_policies: ['default'], token_period: '1h' });
    const roleId = ((await call('GET', 'auth/approle/role/spec/role-id'))['data'] as { role_id: string })
      .role_id;
    const secret = (await call('POST', 'auth/approle/role/spec/secret-id', {}))['data'] as {
      secret_id: string;
    };
    vault = createVaultClient({ addr: server.address, roleId, secretId: secret.secret_id, name: 'spec' });
  }, 60_000);
  afterAll(async () => {
    await vault.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is unavailable with a time to wait, says so in its health, and goes on after unseal with the same login', async () => {
    await read();
    await call('PUT', 'sys/seal', {});
    await expect(read()).rejects.toMatchObject({ code: 'ECL-3001', retryAfterSeconds: 15 });
    await expect(read()).rejects.toMatchObject({ code: 'ECL-3001' });
    expect(await vault.health()).toMatchObject({ reachable: true, sealed: true, initialized: true });
    await unseal();
    await eventually(read);
    expect(vault.tokenEpoch().epoch).toBe(1);
  });

  it('close does not hang on a sealed Vault', async () => {
    await call('PUT', 'sys/seal', {});
    const before = performance.now();
    await vault.close();
    expect(performance.now() - before).toBeLessThan(3500);
  });
});
