import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { testServers } from './test-servers.js';

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

describe('test database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('has the schema, and the rights of each service', async () => {
    await expect(query(database.urls.dispatcher, 'SELECT name FROM flows')).resolves.toEqual([]);
    await expect(query(database.urls.dispatcher, 'SELECT * FROM inbox_bodies')).rejects.toThrow(
      'permission denied',
    );
  });

  it('is another database than the one of the next spec file', async () => {
    const other = await createTestDatabase();
    await query(database.ownerUrl, "INSERT INTO flows (tenant, name) VALUES ('acme', 'deal-won')");
    await expect(query(other.urls.dispatcher, 'SELECT name FROM flows')).resolves.toEqual([]);
    await other.drop();
    await expect(query(other.ownerUrl, 'SELECT 1')).rejects.toThrow('does not exist');
  });

  it('comes with a Vault that is unsealed and a Temporal that has its namespace', async () => {
    const { vault, temporal } = testServers();
    const health = await fetch(`${vault.address}/v1/sys/health`);
    expect(health.status).toBe(200);
    expect(temporal).toEqual({ address: expect.stringMatching(/^127\.0\.0\.1:\d+$/), namespace: 'ecluse' });
  });
});
