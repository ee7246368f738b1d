import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testServers } from '@ecluse/testing';
import { startTenantClient, type TenantClient } from '../testing/tenant-client.js';

/** Real: PostgreSQL, Vault and the whole service. */
describe('secrets', () => {
  let client: TenantClient;
  beforeAll(async () => {
    client = await startTenantClient();
  });
  afterAll(async () => {
    await client.api.close();
  });
  const value = `canary-${randomUUID()}`;

  it('go to Vault beside the earlier ones, and never come back', async () => {
    const path = '/v1/sources/crm/secrets';
    const added = await client.post(path, { secretId: '2026-11', value });
    expect([added.status, added.body['secretIds']]).toEqual([201, ['2026-11']]);
    await client.post(path, { secretId: '2026-12', value: `${value}-next` });
    await client.post('/v1/connections/erp/secrets', { secretId: 'password', value });
    expect(await stored(`webhooks/${client.tenant}/crm`)).toEqual({
      '2026-11': value,
      '2026-12': `${value}-next`,
    });
    expect(await stored(`connections/${client.tenant}/erp`)).toEqual({ password: value });
  });

  it('are removed one by one', async () => {
    expect((await client.remove('/v1/sources/crm/secrets/2026-11')).status).toBe(204);
    expect((await client.remove('/v1/sources/crm/secrets/2026-11')).status).toBe(404);
    expect(await stored(`webhooks/${client.tenant}/crm`)).toEqual({ '2026-12': `${value}-next` });
    expect((await client.get('/v1/sources/crm')).body['secretIds']).toEqual(['2026-12']);
  });

  it('are in no answer, no log line and no row', async () => {
    const paths = [
      'sources',
      'sources/crm',
      'connections',
      'connections/erp',
      'flows',
      'deliveries',
      'runs',
      'dead-letters',
      'audit',
      'me',
    ];
    for (const path of paths) expect((await client.get(`/v1/${path}`)).text).not.toContain(value);
    expect(client.api.logged.join('')).not.toContain(value);
    expect(client.api.logged.join('')).not.toContain(client.admin);
    for (const table of ['sources', 'connections', 'audit', 'idempotency_keys']) {
      const { rows } = await client.api.owner.query<object>(`SELECT * FROM ${table}`);
      expect(JSON.stringify(rows)).not.toContain(value);
    }
  });

  it('are not recorded when Vault refuses them', async () => {
    const refused = await client.post('/v1/sources/none/secrets', { secretId: 's', value });
    expect(refused.status).toBe(404);
    expect(await stored(`webhooks/${client.tenant}/none`)).toBeUndefined();
  });
});

async function stored(path: string): Promise<unknown> {
  const { vault } = testServers();
  const answer = await fetch(`${vault.address}/v1/kv/data/${path}`, {
    headers: { 'x-vault-token': vault.rootToken },
  });
  const body = (await answer.json()) as { data?: { data?: unknown } };
  return body.data?.data;
}
