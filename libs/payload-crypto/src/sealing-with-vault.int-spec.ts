import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestAppRole, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';
import { createVaultClient, type VaultClient } from '@ecluse/vault';
import { createSealer, createVaultDataKeys, type Sealer } from './index.js';

const plain = Buffer.from('{"email":"canary@example.test"}');

describe('sealing with data keys from a real Vault', () => {
  const tenant = uniqueName('tenant-spec');
  const role = uniqueName('sealing');
  const key = `transit-payload/keys/${tenant}`;
  const clients: VaultClient[] = [];
  const connect = async (policy: string): Promise<VaultClient> => {
    const login = await createTestAppRole(role, ['base', policy], { token_period: '1h' });
    const vault = createVaultClient({ addr: testServers().vault.address, name: 'spec', ...login });
    clients.push(vault);
    return vault;
  };
  const sealerFor = async (policy: string): Promise<Sealer> =>
    createSealer(createVaultDataKeys(await connect(policy)));

  beforeAll(async () => {
    await vaultAsRoot('POST', key, { type: 'aes256-gcm96' });
    await vaultAsRoot('POST', `${key}/config`, { deletion_allowed: true });
  });
  afterAll(async () => {
    await Promise.all(clients.map((vault) => vault.close()));
    await vaultAsRoot('DELETE', `auth/approle/role/${role}`);
  });

  it('refuses a key that does not exist, and makes none', async () => {
    const sealer = await sealerFor('worker');
    await expect(sealer.seal('tenant-nobody', plain, 'a')).rejects.toMatchObject({ code: 'ECL-3003' });
    expect((await vaultAsRoot('GET', 'transit-payload/keys/tenant-nobody')).status).toBe(404);
  });

  it('lets the door seal and not open', async () => {
    const sealed = await (await sealerFor('door')).seal(tenant, plain, 'body|1');
    await expect((await sealerFor('door')).open(sealed, 'body|1')).rejects.toMatchObject({
      code: 'ECL-3002',
    });
    expect(await (await sealerFor('worker')).open(sealed, 'body|1')).toEqual(plain);
  });

  it.each(['canary-not-wrapped', 'vault:v1:Y2FuYXJ5', ''])(
    'refuses the wrapped key %j without showing it',
    async (wrapped) => {
      const sealer = await sealerFor('worker');
      const sealed = { ...(await sealer.seal(tenant, plain, 'a')), wrappedKey: wrapped };
      const error: unknown = await sealer.open(sealed, 'a').catch((failure: unknown) => failure);
      expect(error).toMatchObject({
        name: 'EcluseError',
        entry: { retry: expect.not.stringMatching('backoff') },
      });
      expect(inspect(error, { depth: 10 })).not.toMatch(/canary|Y2FuYXJ5/);
    },
  );

  it('opens after rotation what was sealed before, and nothing after the key was destroyed', async () => {
    const before = await (await sealerFor('worker')).seal(tenant, plain, 'a');
    await vaultAsRoot('POST', `${key}/rotate`, {});
    const after = await (await sealerFor('worker')).seal(tenant, plain, 'a');
    expect(after.wrappedKey).toMatch(/^vault:v2:/);
    const reader = await sealerFor('worker');
    expect([await reader.open(before, 'a'), await reader.open(after, 'a')]).toEqual([plain, plain]);
    expect(before.ciphertext.includes('canary')).toBe(false);

    await vaultAsRoot('DELETE', key);
    await expect((await sealerFor('worker')).open(before, 'a')).rejects.toMatchObject({ code: 'ECL-3003' });
  });

  it('goes on with the cached key while Vault does not answer', async () => {
    await vaultAsRoot('POST', key, { type: 'aes256-gcm96' });
    const vault = await connect('worker');
    const sealer = createSealer(createVaultDataKeys(vault));
    const sealed = await sealer.seal(tenant, plain, 'a');
    await vault.close();
    expect(await sealer.open(sealed, 'a')).toEqual(plain);
    expect(await sealer.open(await sealer.seal(tenant, plain, 'b'), 'b')).toEqual(plain);
    await expect(sealer.seal('tenant-acme', plain, 'a')).rejects.toMatchObject({ code: 'ECL-3001' });
  });
});
