import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { inSession, withDatabase } from './postgres-session.js';
import { ownHome, startOwnServers, type OwnServers } from './testing/own-servers.js';
import { textOf, VaultApi } from './vault-api.js';

let home: Awaited<ReturnType<typeof ownHome>>;
let servers: OwnServers;
let api: VaultApi;
beforeAll(async () => {
  home = await ownHome();
  servers = await startOwnServers(home);
  api = new VaultApi(servers.vault.address).withToken(servers.vaultAccess.rootToken);
}, 60_000);
afterAll(async () => {
  await servers.stop();
  await home.remove();
});

async function lease(): Promise<{ id: string; user: string; url: string }> {
  const credential = await api.call('GET', 'database/creds/acme-erp');
  const url = new URL(withDatabase(servers.postgres.superuserUrl, 'erp'));
  const user = textOf(credential, 'username');
  url.username = user;
  url.password = textOf(credential, 'password');
  return { id: String(credential['lease_id']), user, url: url.href };
}

/** Does what a pool does: connects again whenever its connection ends, until told to stop. */
async function reconnectForever(url: string, stopped: AbortSignal): Promise<void> {
  const until = once(stopped, 'abort');
  while (!stopped.aborted) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    const ended = new Promise((resolve) => client.once('end', resolve));
    client.on('error', () => undefined);
    try {
      await client.connect();
      await Promise.race([ended, until]);
      await client.end();
    } catch {
      // refused: try again at once, as long as the test goes on
    }
  }
}

async function count(sql: string, user: string): Promise<number | null> {
  return (await inSession(servers.postgres.superuserUrl, (client) => client.query(sql, [user]))).rowCount;
}
const SESSIONS = 'SELECT FROM pg_stat_activity WHERE usename = $1';
const USERS = 'SELECT FROM pg_roles WHERE rolname = $1';

describe('revocation of an ERP user', () => {
  it('leaves no session and no user, though clients reconnect meanwhile', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { id, user, url } = await lease();
      const stop = new AbortController();
      const clients = Array.from({ length: 6 }, () => reconnectForever(url, stop.signal));
      await inSession(url, (client) => client.query('SELECT 1'));
      await api.call('POST', 'sys/leases/revoke', { lease_id: id, sync: true });
      expect(await count(SESSIONS, user)).toBe(0);
      expect(await count(USERS, user)).toBe(0);
      stop.abort();
      await Promise.all(clients);
    }
  }, 60_000);

  it('succeeds when somebody dropped the user before', async () => {
    const { id, user } = await lease();
    await inSession(servers.postgres.superuserUrl, (client) => client.query(`DROP ROLE "${user}"`));
    await expect(api.call('POST', 'sys/leases/revoke', { lease_id: id, sync: true })).resolves.toBeDefined();
  });

  it('the kill switch ends every session and login at once', async () => {
    const { user, url } = await lease();
    const client = new Client({ connectionString: url });
    const ended = new Promise((resolve) => client.once('end', resolve));
    client.on('error', () => undefined);
    await client.connect();
    await api.call('GET', 'database/creds/kill-acme-erp');
    await ended;
    expect(await count(SESSIONS, user)).toBe(0);
    await expect(inSession(url, (other) => other.query('SELECT 1'))).rejects.toThrow(
      'not permitted to log in',
    );
  });

  it('the user can do only what the ERP grants', async () => {
    const { url } = await lease();
    for (const sql of [
      'DELETE FROM sales_order',
      'CREATE TABLE mine ()',
      'INSERT INTO product DEFAULT VALUES',
      'SET ROLE erp_owner',
    ]) {
      await expect(inSession(url, (client) => client.query(sql))).rejects.toThrow('permission denied');
    }
    await expect(
      inSession(withDatabase(url, 'ecluse'), (client) => client.query('SELECT 1')),
    ).rejects.toThrow('permission denied for database');
  });
});
