import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiKeyFile, KEY_ROLES } from './api-keys.js';
import { inSession, withDatabase } from './postgres-session.js';
import { ownHome, startOwnServers, type OwnServers } from './testing/own-servers.js';
import { textOf, VaultApi } from './vault-api.js';
import { vaultInitFile } from './vault-seal.js';

let home: Awaited<ReturnType<typeof ownHome>>;
let servers: OwnServers;
let before: Map<string, string>;

/** Every secret that must survive a restart; connection URLs follow the port. */
async function keptSecrets(): Promise<Map<string, string>> {
  const names = (await readdir(home.secrets)).filter((name) => !name.endsWith('-database-url'));
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(home.secrets, name), 'utf8')] as const),
    ),
  );
}
function root(): VaultApi {
  return new VaultApi(servers.vault.address).withToken(servers.vaultAccess.rootToken);
}
async function dynamicUser(): Promise<string> {
  const credential = await root().call('GET', 'database/creds/acme-erp');
  const url = new URL(withDatabase(servers.postgres.superuserUrl, 'erp'));
  url.username = textOf(credential, 'username');
  url.password = textOf(credential, 'password');
  return url.href;
}

beforeAll(async () => {
  home = await ownHome();
  servers = await startOwnServers(home);
  before = await keptSecrets();
  const owner = (await readFile(servers.postgresAccess.owner, 'utf8')).trim();
  await inSession(owner, (client) =>
    client.query("INSERT INTO flows (tenant, name) VALUES ('acme', 'kept')"),
  );
  await root().call('POST', 'kv/data/webhooks/acme/crm', { data: { s1: 'kept' } });
  await servers.stop();
  servers = await startOwnServers(home); // on other ports
}, 60_000);
afterAll(async () => {
  await servers.stop();
  await home.remove();
});

describe('a second start', () => {
  it('keeps keys, passwords and AppRoles', async () => {
    expect(await keptSecrets()).toEqual(before);
    const roleId = (await root().call('GET', 'auth/approle/role/worker/role-id'))['data'];
    expect(roleId).toEqual({ role_id: servers.vaultAccess.services.worker.roleId });
  });

  it('keeps what both servers hold', async () => {
    const owner = (await readFile(servers.postgresAccess.owner, 'utf8')).trim();
    const { rows } = await inSession(owner, (client) =>
      client.query<{ name: string }>('SELECT name FROM flows'),
    );
    expect(rows).toEqual([{ name: 'kept' }]);
    const secret = await root().call('GET', 'kv/data/webhooks/acme/crm');
    expect(secret['data']).toMatchObject({ data: { s1: 'kept' } });
  });

  it('follows the new ports', async () => {
    const urls = Object.values(servers.postgresAccess.services);
    for (const file of urls)
      expect(new URL(await readFile(file, 'utf8')).port).toBe(String(servers.postgres.port));
    const { rowCount } = await inSession(await dynamicUser(), (client) =>
      client.query('SELECT sku FROM product'),
    );
    expect(rowCount).toBeGreaterThan(0);
  });

  it('adds no second API key of a role', async () => {
    const owner = (await readFile(servers.postgresAccess.owner, 'utf8')).trim();
    const { rows } = await inSession(owner, (client) =>
      client.query<{ role: string }>('SELECT role FROM api_keys ORDER BY role'),
    );
    expect(rows.map((row) => row.role)).toEqual([...KEY_ROLES].sort());
  });
});

describe('secrets', () => {
  it('are readable by nobody else', async () => {
    expect((await stat(home.secrets)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(home.secrets)) {
      expect([name, (await stat(join(home.secrets, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  it('are in no log', async () => {
    await dynamicUser();
    const secrets = [...(await keptSecrets()).values()].map((secret) => secret.trim());
    const logs = await Promise.all(
      (await readdir(home.logs)).map((name) => readFile(join(home.logs, name), 'utf8')),
    );
    const parts = secrets.filter((secret) => !secret.startsWith('{')).concat(servers.vaultAccess.rootToken);
    for (const secret of parts) expect(logs.some((log) => log.includes(secret))).toBe(false);
  });
});

describe('what was broken meanwhile', () => {
  it('a revoked API key is replaced', async () => {
    const owner = (await readFile(servers.postgresAccess.owner, 'utf8')).trim();
    const key = await readFile(apiKeyFile(home, 'viewer'), 'utf8');
    await inSession(owner, (client) =>
      client.query("UPDATE api_keys SET revoked_at = now() WHERE role = 'viewer'"),
    );
    await servers.bootstrap();
    expect(await readFile(apiKeyFile(home, 'viewer'), 'utf8')).not.toBe(key);
  });

  it('a password of vault_admin that Vault does not know is set anew', async () => {
    await inSession(servers.postgres.superuserUrl, (client) =>
      client.query("ALTER ROLE vault_admin PASSWORD 'other'"),
    );
    await servers.bootstrap();
    await expect(inSession(await dynamicUser(), (client) => client.query('SELECT 1'))).resolves.toBeDefined();
  });

  it('powers given to a service role by hand are taken away', async () => {
    await inSession(servers.postgres.superuserUrl, (client) =>
      client.query('ALTER ROLE ecluse_door SUPERUSER'),
    );
    await servers.bootstrap();
    const { rows } = await inSession(servers.postgres.superuserUrl, (client) =>
      client.query<{ rolsuper: boolean }>("SELECT rolsuper FROM pg_roles WHERE rolname = 'ecluse_door'"),
    );
    expect(rows).toEqual([{ rolsuper: false }]);
  });

  it('a lost unseal key is refused with the way out', async () => {
    const file = vaultInitFile(home);
    await rename(file, `${file}.away`);
    try {
      await expect(servers.bootstrap()).rejects.toMatchObject({
        errorName: 'STACK_BROKEN',
        detail: expect.stringContaining('--reset'),
      });
    } finally {
      await rename(`${file}.away`, file);
    }
  });
});
