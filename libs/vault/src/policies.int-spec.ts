import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName } from '@ecluse/local-stack';
import { createTestAppRole, testServers, uniqueName, vaultAsRoot } from '@ecluse/testing';

/** A raw call, to see Vault's own decision: the client would refuse some of these paths before sending them. */
type Call = [method: string, path: string, body?: unknown];
interface Matrix {
  allowed: Call[];
  refused: Call[];
}
const source = uniqueName('source');
const WEBHOOK = `kv/data/webhooks/acme/${source}`;
const CONNECTION = `kv/data/connections/acme/${source}`;
const value = { data: { current: 'whsec' } };
const datakey = (name: string): Call => ['POST', `transit-payload/datakey/plaintext/${name}`, {}];
const decrypt = (name: string): Call => [
  'POST',
  `transit-payload/decrypt/${name}`,
  { ciphertext: `of ${name}` },
];
const creds: Call = ['GET', 'database/creds/acme-erp'];

/** What nobody may do, whatever the service. */
const NOBODY: Call[] = [
  ['GET', 'sys/mounts'],
  ['GET', 'sys/policies/acl/worker'],
  ['PUT', 'sys/policies/acl/worker', { policy: '' }],
  ['DELETE', 'sys/policies/acl/conn-acme-erp'],
  ['PUT', 'sys/seal', {}],
  ['GET', 'sys/audit'],
  ['POST', 'auth/token/create', {}],
  ['POST', 'auth/approle/role/worker/secret-id', {}],
  ['GET', 'auth/approle/role/worker/role-id'],
  ['GET', 'database/config/erp'],
  ['GET', 'database/creds/kill-acme-erp'],
  ['POST', 'database/rotate-root/erp', {}],
  ['POST', 'sys/leases/revoke-prefix/database/creds/acme-erp', {}],
  ['GET', 'transit-payload/keys/tenant-acme'],
  ['POST', 'transit-payload/keys/tenant-new', {}],
  ['POST', 'transit-payload/keys/tenant-acme/rotate', {}],
  ['POST', 'transit-payload/encrypt/tenant-acme', { plaintext: 'YQ==' }],
  ['POST', 'transit-payload/rewrap/tenant-acme', { ciphertext: 'x' }],
  ['GET', 'transit-payload/export/encryption-key/tenant-acme'],
  ['GET', 'kv/data/webhooks/acme'],
  ['GET', 'kv/data/webhooks/acme/a/b'],
  ['GET', 'kv/metadata/webhooks/?list=true'],
  ['GET', 'kv/subkeys/webhooks/acme/x'],
  ['DELETE', WEBHOOK],
  ['DELETE', `kv/metadata/webhooks/acme/${source}`],
  ['GET', 'cubbyhole/x'],
];

const MATRIX: Record<ServiceName, Matrix> = {
  door: {
    allowed: [['GET', WEBHOOK], datakey('tenant-acme')],
    refused: [
      creds,
      decrypt('tenant-acme'),
      decrypt('ns-ecluse'),
      datakey('ns-ecluse'),
      ['POST', WEBHOOK, value],
      ['PATCH', WEBHOOK, value],
      ['GET', CONNECTION],
      ['GET', `kv/metadata/webhooks/acme/${source}`],
      ['POST', 'sys/leases/revoke', { lease_id: 'x' }],
      ['GET', `kv/data/webhooks/../connections/acme/${source}`],
      ['GET', `kv/data/webhooks/%2e%2e/connections/acme/${source}`],
      ['GET', `kv/data/webhooks/acme%2f..%2f..%2fconnections/acme/${source}`],
    ],
  },
  dispatcher: {
    allowed: [datakey('ns-ecluse')],
    refused: [
      creds,
      datakey('tenant-acme'),
      decrypt('tenant-acme'),
      decrypt('ns-ecluse'),
      ['GET', WEBHOOK],
      ['GET', CONNECTION],
      ['POST', WEBHOOK, value],
      ['POST', 'sys/leases/revoke', { lease_id: 'x' }],
    ],
  },
  worker: {
    allowed: [
      creds,
      datakey('tenant-acme'),
      decrypt('tenant-acme'),
      datakey('ns-ecluse'),
      decrypt('ns-ecluse'),
      ['POST', 'sys/leases/revoke', { lease_id: 'database/creds/acme-erp/unknown', sync: true }],
    ],
    refused: [
      ['GET', WEBHOOK],
      ['POST', WEBHOOK, value],
      ['GET', CONNECTION],
      ['GET', 'database/creds/acme-other'],
      ['GET', 'database/static-creds/acme-erp'],
    ],
  },
  'admin-api': {
    allowed: [
      ['PATCH', WEBHOOK, value],
      ['POST', WEBHOOK, value],
      ['POST', CONNECTION, value],
      ['PATCH', CONNECTION, value],
      ['GET', `kv/metadata/webhooks/acme/${source}`],
      ['GET', `kv/metadata/connections/acme/${source}`],
      decrypt('ns-ecluse'),
      // For bodies that replace another one; it cannot read one back.
      datakey('tenant-acme'),
    ],
    refused: [
      creds,
      ['GET', WEBHOOK],
      ['GET', CONNECTION],
      decrypt('tenant-acme'),
      datakey('ns-ecluse'),
      ['POST', 'kv/data/other/acme/x', value],
      ['POST', 'kv/data/webhooks/../other', value],
      ['POST', 'sys/leases/revoke', { lease_id: 'x' }],
    ],
  },
};

describe('Vault policies', () => {
  const wrapped = new Map<string, string>();
  const spec = uniqueName('breakglass');

  const login = async (roleId: string, secretId: string): Promise<string> => {
    const { auth } = await vaultAsRoot('POST', 'auth/approle/login', {
      role_id: roleId,
      secret_id: secretId,
    });
    return String(auth['client_token']);
  };
  const ask = async (token: string, [method, path, body]: Call): Promise<number> => {
    const sent = body as { ciphertext?: string } | undefined;
    const ciphertext =
      sent?.ciphertext?.startsWith('of ') === true
        ? { ciphertext: wrapped.get(sent.ciphertext.slice(3)) }
        : {};
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(`${testServers().vault.address}/v1/${path}`, {
      method,
      redirect: 'manual',
      headers: { 'x-vault-token': token, 'content-type': type },
      ...(sent === undefined ? {} : { body: JSON.stringify({ ...sent, ...ciphertext }) }),
    });
    await response.arrayBuffer();
    return response.status;
  };

  beforeAll(async () => {
    await vaultAsRoot('POST', WEBHOOK, value);
    await vaultAsRoot('POST', CONNECTION, value);
    for (const name of ['tenant-acme', 'ns-ecluse']) {
      const { data } = await vaultAsRoot('POST', `transit-payload/datakey/wrapped/${name}`, {});
      wrapped.set(name, String(data['ciphertext']));
    }
  });
  afterAll(async () => {
    await vaultAsRoot('DELETE', `kv/metadata/webhooks/acme/${source}`);
    await vaultAsRoot('DELETE', `kv/metadata/connections/acme/${source}`);
    await vaultAsRoot('DELETE', `auth/approle/role/${spec}`);
  });

  describe.each(Object.entries(MATRIX))('%s', (service, { allowed, refused }) => {
    let token: string;
    beforeAll(async () => {
      const { roleId, secretIdFile } = testServers().vault.services[service as ServiceName];
      token = await login(roleId, (await readFile(secretIdFile, 'utf8')).trim());
    });
    it.each([...refused, ...NOBODY])('is refused %s %s', async (...call) => {
      // 403 is the policy's answer; 307 and 404 are the router's to a path that is not canonical, before any policy.
      const status = await ask(token, call);
      expect(/\.\.|%2e|%2f/i.test(call[1]) ? [307, 403, 404].includes(status) : status === 403).toBe(true);
    });
    it.each(allowed)('may %s %s', async (...call) => {
      expect(await ask(token, call)).toBeLessThan(300);
    });
    it('has its own policies and base, never default', async () => {
      const { data } = await vaultAsRoot('POST', 'auth/token/lookup', { token });
      const connections = service === 'worker' ? ['conn-acme-erp'] : [];
      expect(data['policies']).toEqual(['base', service, ...connections].sort());
    });
  });

  it('an unknown transit key is an error, not a new key', async () => {
    const { roleId, secretIdFile } = testServers().vault.services.door;
    const token = await login(roleId, (await readFile(secretIdFile, 'utf8')).trim());
    expect(await ask(token, datakey('tenant-nobody'))).toBe(400);
    expect((await vaultAsRoot('GET', 'transit-payload/keys/tenant-nobody')).status).toBe(404);
  });

  describe('breakglass', () => {
    let token: string;
    beforeAll(async () => {
      const { roleId, secretId } = await createTestAppRole(spec, ['base', 'breakglass']);
      token = await login(roleId, secretId);
    });
    it.each<Call>([
      ['DELETE', 'sys/policies/acl/conn-acme-unused'],
      ['GET', 'sys/leases/lookup/database/creds/acme-unused?list=true'],
      ['POST', 'sys/leases/revoke-prefix/database/creds/acme-unused', { sync: false }],
    ])('may %s %s', async (...call) => {
      expect([200, 202, 204, 404]).toContain(await ask(token, call));
    });
    it.each<Call>([
      creds,
      ['PUT', 'sys/policies/acl/conn-acme-erp', { policy: '' }],
      ['DELETE', 'sys/policies/acl/worker'],
      ['POST', 'sys/leases/revoke-prefix/auth/approle', {}],
      ['GET', WEBHOOK],
      decrypt('tenant-acme'),
    ])('is refused %s %s', async (...call) => {
      expect(await ask(token, call)).toBe(403);
    });
  });
});
