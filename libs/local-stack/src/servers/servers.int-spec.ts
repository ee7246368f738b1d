import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownHome } from '../bootstrap/testing/own-servers.js';
import { inSession } from '../bootstrap/postgres-session.js';
import { resolveToolchain, type Toolchain } from '../toolchain/index.js';
import { freePort } from './free-port.js';
import { startPostgres } from './postgres-server.js';
import { startTemporal } from './temporal-server.js';
import { startVault } from './vault-server.js';

let home: Awaited<ReturnType<typeof ownHome>>;
let toolchain: Toolchain;
beforeAll(async () => {
  home = await ownHome();
  toolchain = await resolveToolchain();
});
afterAll(() => home.remove());

async function takenPort(): Promise<{ port: number; server: Server }> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port, server };
}

describe('a port that somebody else has', () => {
  it('stops each server before it starts', async () => {
    const { port, server } = await takenPort();
    const refused = { errorName: 'PORT_IN_USE', detail: expect.stringContaining(String(port)) as unknown };
    const vault = { home, binary: toolchain.vault.path, port: await freePort(), clusterPort: port };
    await expect(startPostgres({ home, port })).rejects.toMatchObject(refused);
    await expect(startTemporal({ home, port, binary: toolchain.temporal.path })).rejects.toMatchObject(
      refused,
    );
    await expect(startVault(vault)).rejects.toMatchObject(refused);
    server.close();
    await once(server, 'close');
  }, 30_000);
});

describe('after a kill -9', () => {
  it('PostgreSQL comes back with what was committed', async () => {
    const first = await startPostgres({ home, port: await freePort() });
    await inSession(first.superuserUrl, (client) =>
      client.query('CREATE TABLE kept (id integer); INSERT INTO kept VALUES (1)'),
    );
    process.kill(-first.pid, 'SIGKILL');
    await first.exited;
    const second = await startPostgres({ home, port: await freePort() });
    const { rowCount } = await inSession(second.superuserUrl, (client) => client.query('SELECT FROM kept'));
    expect(rowCount).toBe(1);
    await second.stop();
  }, 60_000);

  it('Temporal comes back on another port, with its UI', async () => {
    const binary = toolchain.temporal.path;
    const first = await startTemporal({ home, binary, port: await freePort() });
    expect(first.uiUrl).toBeUndefined();
    process.kill(-first.pid, 'SIGKILL');
    await first.exited;
    const second = await startTemporal({ home, binary, port: await freePort(), uiPort: await freePort() });
    const settings = (await (await fetch(`${String(second.uiUrl)}/api/v1/settings`)).json()) as Record<
      string,
      unknown
    >;
    expect(settings['Codec']).toMatchObject({ Endpoint: '/codec' });
    await second.stop();
  }, 60_000);
});

describe('the log of PostgreSQL', () => {
  it('holds no value of a failed statement', async () => {
    const server = await startPostgres({ home, port: await freePort() });
    const insert =
      "CREATE TABLE people (mail text PRIMARY KEY); INSERT INTO people VALUES ('canary@example.com')";
    await inSession(server.superuserUrl, (client) => client.query(insert));
    await expect(
      inSession(server.superuserUrl, (client) =>
        client.query('INSERT INTO people VALUES ($1)', ['canary@example.com']),
      ),
    ).rejects.toThrow('duplicate key');
    await expect(
      inSession(server.superuserUrl, (client) => client.query("SELECT 'canary'::integer")),
    ).rejects.toThrow();
    await server.stop();
    expect(await readFile(server.logFile, 'utf8')).not.toContain('canary');
  }, 60_000);
});
