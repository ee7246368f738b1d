import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestAppRole, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';
import { createVaultClient, type VaultClient } from './index.js';

const POLICY = `
path "kv/data/spec/*" { capabilities = ["create", "read", "update", "patch", "delete"] }
path "kv/metadata/spec/*" { capabilities = ["read", "list"] }
`;

describe('Vault client on a real Vault', () => {
  const role = uniqueName('client');
  const secret = ['kv', 'data', 'spec', uniqueName('s')];
  let login: { roleId: string; secretId: string };
  const clients: VaultClient[] = [];
  const create = (options: Partial<Parameters<typeof createVaultClient>[0]> = {}): VaultClient => {
    const vault = createVaultClient({
      addr: testServers().vault.address,
      name: 'spec',
      ...login,
      ...options,
    });
    clients.push(vault);
    return vault;
  };
  const tokenOf = async (vault: VaultClient): Promise<string> => {
    const { data } = await vault.read(['auth', 'token', 'lookup-self']);
    return String(data?.['id']);
  };

  beforeAll(async () => {
    await vaultAsRoot('PUT', `sys/policies/acl/${role}`, { policy: POLICY });
    login = await createTestAppRole(role, ['base', role], { token_period: '1h' });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((vault) => vault.close()));
  });
  afterAll(async () => {
    await vaultAsRoot('DELETE', `auth/approle/role/${role}`);
    await vaultAsRoot('DELETE', `sys/policies/acl/${role}`);
  });

  it('refuses a wrong secret id, without showing it', async () => {
    const failure = create({ secretId: 'canary-5ec8e7' }).read(secret);
    await expect(failure).rejects.toMatchObject({ code: 'ECL-3002' });
    await expect(failure).rejects.not.toThrow('canary');
  });

  it('refuses what no policy allows', async () => {
    await expect(create().read(['sys', 'mounts'])).rejects.toMatchObject({ code: 'ECL-3002' });
  });

  it('tells what is missing from what is not mounted', async () => {
    const vault = create();
    await expect(vault.read(['kv', 'data', 'spec', 'nothing'])).rejects.toMatchObject({ code: 'ECL-3003' });
    await expect(vault.patch(['kv', 'data', 'spec', 'nothing'], { data: {} })).rejects.toMatchObject({
      code: 'ECL-3003',
    });
    expect(await vault.list(['kv', 'metadata', 'spec', 'nothing'])).toEqual([]);
  });

  it('is unavailable when nothing listens', async () => {
    const vault = create({ addr: 'http://127.0.0.1:9' });
    await expect(vault.read(secret)).rejects.toMatchObject({ code: 'ECL-3001' });
    expect(await vault.health()).toEqual({
      reachable: false,
      sealed: false,
      initialized: false,
      version: null,
    });
  });

  it('writes, patches, lists, reads and deletes; null in a patch removes one key', async () => {
    const vault = create();
    await vault.write(secret, { options: { cas: 0 }, data: { first: 'a', second: 'b' } });
    await expect(vault.write(secret, { options: { cas: 0 }, data: {} })).rejects.toMatchObject({
      code: 'ECL-3005',
    });
    await vault.patch(secret, { data: { first: null, third: 'c' } });
    expect((await vault.read(secret)).data?.['data']).toEqual({ second: 'b', third: 'c' });
    expect(await vault.list(['kv', 'metadata', 'spec'])).toContain(secret.at(-1));
    await vault.delete(secret);
    await expect(vault.read(secret)).rejects.toMatchObject({ code: 'ECL-3003' });
  });

  it('keeps one login for many calls at once', async () => {
    const vault = create();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(vault)));
    expect(new Set(tokens).size).toBe(1);
    expect(vault.tokenEpoch()).toMatchObject({ epoch: 1 });
    expect(vault.tokenEpoch().remainingMs).toBeGreaterThan(3_500_000);
  });

  it('logs in again once when its token was revoked, and repeats the calls', async () => {
    const vault = create();
    const old = await tokenOf(vault);
    await vaultAsRoot('POST', 'auth/token/revoke', { token: old });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(vault)));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens).not.toContain(old);
    expect(vault.tokenEpoch().epoch).toBe(2);
  });

  it('reads the secret id file at each login', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ecluse-spec-'));
    const secretIdFile = join(folder, 'secret-id');
    await writeFile(secretIdFile, 'not-yet\n', { mode: 0o600 });
    const { roleId } = login;
    const vault = createVaultClient({
      addr: testServers().vault.address,
      name: 'spec',
      roleId,
      secretIdFile,
    });
    clients.push(vault);
    await expect(tokenOf(vault)).rejects.toMatchObject({ code: 'ECL-3002' });
    await writeFile(secretIdFile, `${login.secretId}\n`);
    await expect(tokenOf(vault)).resolves.toMatch(/^hvs\./);
    await rm(folder, { recursive: true });
  });

  it('tells which capability is lacking', async () => {
    const vault = create();
    await vault.requireCapabilities({
      'kv/data/spec/x': ['read', 'patch'],
      'sys/capabilities-self': ['update'],
    });
    const lacking = vault.requireCapabilities({
      'kv/data/spec/x': ['read'],
      'database/creds/acme-erp': ['read'],
    });
    await expect(lacking).rejects.toThrow('database/creds/acme-erp');
    await expect(lacking).rejects.not.toThrow('kv/data');
  });

  it('close revokes the token; nothing goes through afterwards', async () => {
    const vault = create();
    const token = await tokenOf(vault);
    await vault.close();
    expect((await vaultAsRoot('POST', 'auth/token/lookup', { token })).status).toBe(403);
    await expect(vault.read(secret)).rejects.toMatchObject({ code: 'ECL-3001' });
  });

  it('knows the health of an open Vault', async () => {
    const { version, ...health } = await create().health();
    expect(health).toEqual({ reachable: true, sealed: false, initialized: true });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});
