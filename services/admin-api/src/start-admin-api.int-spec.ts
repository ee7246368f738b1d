import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createLogger } from '@ecluse/observability';
import { createTestDatabase, type TestDatabase } from '@ecluse/testing';
import { startAdminApi } from './start-admin-api.js';
import { plainRequest } from './testing/plain-request.js';
import { configOf, createKey } from './testing/test-api.js';

const silent = createLogger('admin-api', 'silent');

/** Real: the whole process on its sockets, PostgreSQL, Vault. */
describe('startAdminApi', () => {
  let database: TestDatabase;
  let key: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    key = await createKey(owner, 'globex', 'operator');
    await owner.end();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('names the port that is taken, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const config = await configOf(database);
    await expect(startAdminApi(Object.assign(config, { port }), silent)).rejects.toMatchObject({
      code: 'ECL-7003',
      detail: `port ${port} is taken`,
    });
    other.close();
  });

  it('does not start without PostgreSQL, and keeps the password out of the error', async () => {
    const databaseUrl = 'postgresql://ecluse_admin_api:hunter2@127.0.0.1:1/ecluse';
    const failed = startAdminApi(Object.assign(await configOf(database), { databaseUrl }), silent);
    await expect(failed).rejects.toMatchObject({
      code: 'ECL-2003',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  it('serves both origins, and its login link opens the second', async () => {
    const api = await startAdminApi(await configOf(database), silent);
    try {
      const port = Number(new URL(api.url).port);
      const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'k' };
      expect((await plainRequest(port, '/health/ready')).json()['status']).toBe('ok');
      const link = await plainRequest(port, '/v1/ui-sessions', { method: 'POST', headers });
      const { origin, host, pathname, port: operatorPort } = new URL(String(link.json()['url']));
      expect(origin).toBe(api.operatorOrigin);
      const login = await plainRequest(Number(operatorPort), pathname, { headers: { host } });
      expect(login.status).toBe(303);
      const audit = await plainRequest(port, '/v1/audit', { headers });
      const actions = (audit.json()['items'] as { action: string }[]).map(({ action }) => action);
      expect(actions).toEqual(['ui-session.opened', 'ui-session.requested']);
    } finally {
      await api.stop();
    }
    await expect(plainRequest(Number(new URL(api.url).port), '/health/live')).rejects.toThrow('ECONNREFUSED');
  });
});
