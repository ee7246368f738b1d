import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inSession, withDatabase } from './postgres-session.js';
import { SERVICES, type ServiceName } from './services.js';
import { ownHome, startOwnServers, type OwnServers } from './testing/own-servers.js';
import { VaultApi } from './vault-api.js';

let home: Awaited<ReturnType<typeof ownHome>>;
let servers: OwnServers;
beforeAll(async () => {
  home = await ownHome();
  servers = await startOwnServers(home);
}, 60_000);
afterAll(async () => {
  await servers.stop();
  await home.remove();
});

async function urlOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
async function as(service: ServiceName, sql: string): Promise<unknown> {
  return inSession(await urlOf(servers.postgresAccess.services[service]), (client) => client.query(sql));
}

describe('PostgreSQL refuses', () => {
  it.each(SERVICES)('%s every other database', async (service) => {
    const url = await urlOf(servers.postgresAccess.services[service]);
    for (const database of ['erp', 'postgres', 'template1']) {
      await expect(
        inSession(withDatabase(url, database), (client) => client.query('SELECT 1')),
      ).rejects.toMatchObject({
        detail: expect.stringContaining('permission denied for database'),
      });
    }
  });

  it.each(SERVICES)('%s new objects, new roles, and the role of the owner', async (service) => {
    for (const sql of [
      'CREATE TABLE mine ()',
      'CREATE TABLE public.mine ()',
      'CREATE ROLE mine',
      'SET ROLE ecluse_owner',
    ]) {
      await expect(as(service, sql)).rejects.toMatchObject({
        detail: expect.stringContaining('permission denied'),
      });
    }
  });

  it.each([
    ['door', 'SELECT * FROM inbox_bodies'],
    ['door', "UPDATE inbox SET state = 'discarded'"],
    ['door', 'SELECT * FROM api_keys'],
    ['dispatcher', 'SELECT * FROM inbox_bodies'],
    ['dispatcher', 'UPDATE flow_versions SET version = 1'],
    ['worker', 'SELECT * FROM api_keys'],
    ['worker', 'INSERT INTO inbox DEFAULT VALUES'],
    ['worker', 'DELETE FROM effects'],
    ['admin-api', 'SELECT * FROM inbox_bodies'],
    ['admin-api', 'UPDATE flow_versions SET version = 1'],
    ['admin-api', 'INSERT INTO api_keys DEFAULT VALUES'],
    ['admin-api', "UPDATE api_keys SET role = 'admin'"],
  ] as const)('%s: %s', async (service, sql) => {
    await expect(as(service, sql)).rejects.toMatchObject({
      detail: expect.stringContaining('permission denied'),
    });
  });

  it.each(SERVICES)('%s to change or remove what was audited', async (service) => {
    for (const sql of ["UPDATE audit SET actor = 'x'", 'DELETE FROM audit', 'TRUNCATE audit']) {
      await expect(as(service, sql)).rejects.toMatchObject({
        detail: expect.stringContaining('permission denied'),
      });
    }
  });

  it('even the owner of the schema to rewrite the audit', async () => {
    const owner = await urlOf(servers.postgresAccess.owner);
    for (const sql of ["UPDATE audit SET actor = 'x'", 'DELETE FROM audit', 'TRUNCATE audit']) {
      await expect(inSession(owner, (client) => client.query(sql))).rejects.toMatchObject({
        detail: expect.stringContaining('append-only'),
      });
    }
  });

  it('the report role to write, and to see Ecluse', async () => {
    const report = await urlOf(servers.postgresAccess.erpReport);
    await expect(inSession(report, (client) => client.query('SELECT FROM party'))).resolves.toBeDefined();
    await expect(inSession(report, (client) => client.query('DELETE FROM party'))).rejects.toThrow(
      'permission denied',
    );
    await expect(
      inSession(withDatabase(report, 'ecluse'), (client) => client.query('SELECT 1')),
    ).rejects.toThrow('permission denied for database');
  });

  it('a login without a password', async () => {
    const url = new URL(servers.postgres.superuserUrl);
    url.password = '';
    await expect(inSession(url.href, (client) => client.query('SELECT 1'))).rejects.toMatchObject({
      errorName: 'STACK_BROKEN',
    });
  });
});

async function login(service: ServiceName): Promise<VaultApi> {
  const api = new VaultApi(servers.vault.address);
  const { roleId, secretIdFile } = servers.vaultAccess.services[service];
  const body = await api.call('POST', 'auth/approle/login', {
    role_id: roleId,
    secret_id: (await readFile(secretIdFile, 'utf8')).trim(),
  });
  return api.withToken((body['auth'] as { client_token: string }).client_token);
}

describe('Vault refuses', () => {
  it.each(SERVICES)('%s policies, tokens, the kill switch and the audit', async (service) => {
    const api = await login(service);
    for (const path of [
      'sys/policies/acl/base',
      'database/creds/kill-acme-erp',
      'sys/audit',
      'database/config/erp',
    ]) {
      expect([path, (await api.ask('GET', path)).status]).toEqual([path, 403]);
    }
    expect((await api.ask('POST', 'auth/token/create', {})).status).toBe(403);
  });

  it.each([
    ['door', 'POST', 'kv/data/webhooks/acme/crm'],
    ['door', 'POST', 'transit-payload/decrypt/tenant-acme'],
    ['door', 'GET', 'database/creds/acme-erp'],
    ['dispatcher', 'GET', 'kv/data/webhooks/acme/crm'],
    ['dispatcher', 'POST', 'transit-payload/datakey/plaintext/tenant-acme'],
    ['dispatcher', 'GET', 'database/creds/acme-erp'],
    ['worker', 'GET', 'kv/data/webhooks/acme/crm'],
    ['worker', 'POST', 'kv/data/connections/acme/erp'],
    ['admin-api', 'GET', 'kv/data/webhooks/acme/crm'],
    ['admin-api', 'GET', 'database/creds/acme-erp'],
    ['admin-api', 'POST', 'transit-payload/decrypt/tenant-acme'],
  ] as const)('%s: %s %s', async (service, method, path) => {
    const api = await login(service);
    expect((await api.ask(method, path, method === 'POST' ? {} : undefined)).status).toBe(403);
  });

  it.each([
    ['door', 'POST', 'transit-payload/datakey/plaintext/tenant-acme'],
    ['dispatcher', 'POST', 'transit-payload/datakey/plaintext/ns-ecluse'],
    ['worker', 'GET', 'database/creds/acme-erp'],
    ['worker', 'POST', 'transit-payload/datakey/plaintext/tenant-acme'],
  ] as const)('but lets %s do its work: %s %s', async (service, method, path) => {
    const api = await login(service);
    expect((await api.ask(method, path, method === 'POST' ? {} : undefined)).status).toBe(200);
  });
});
