import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testServers, uniqueName } from '@ecluse/testing';
import { Client } from 'pg';
import { ErpSink } from './erp-sink.js';

const schema = join(import.meta.dirname, '..', '..', '..', 'examples', 'deal-won-to-order', 'erp-schema.sql');

/** A sink that cannot see a double would prove nothing: here it is shown some. */
describe('the ERP as witness', () => {
  const name = uniqueName('erp').replaceAll('-', '_');
  const superuser = new Client({ connectionString: testServers().postgres.superuserUrl });
  const url = new URL(testServers().postgres.superuserUrl);
  url.pathname = `/${name}`;
  const erp = new Client({ connectionString: url.href });
  let sink: ErpSink;

  beforeAll(async () => {
    await superuser.connect();
    await superuser.query(`CREATE DATABASE ${name} OWNER erp_owner`);
    await erp.connect();
    await erp.query(`SET ROLE erp_owner; ${readFileSync(schema, 'utf8')}; SET ROLE erp_rw;`);
    sink = await ErpSink.open(url.href);
  });
  afterAll(async () => {
    await sink.close();
    await erp.end();
    await superuser.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await superuser.end();
  });

  const upsert = (externalId: string): Promise<unknown> =>
    erp.query(
      `INSERT INTO party (external_id, name) VALUES ($1, 'x') ON CONFLICT (external_id) DO UPDATE SET name = excluded.name`,
      [externalId],
    );

  it('counts what was committed, once per record', async () => {
    await upsert('company-a-0');
    await upsert('company-a-1');
    expect(await sink.waitFor('party', 'a', 2)).toMatchObject({ completed: 2, doubled: 0 });
  });

  it('sees that a record was written again', async () => {
    await upsert('company-b-0');
    await upsert('company-b-0');
    expect(await sink.waitFor('party', 'b', 1)).toMatchObject({ completed: 1, doubled: 1 });
    expect(await sink.doubledSinceStart()).toBe(1);
  });

  it('does not see what was rolled back, nor what belongs to another run', async () => {
    await erp.query('BEGIN');
    await upsert('company-c-0');
    await erp.query('ROLLBACK');
    await upsert('company-c-1');
    await upsert('company-cc-1');
    expect(await sink.waitFor('party', 'c', 1)).toMatchObject({ completed: 1, doubled: 0 });
  });

  it('tells when the last record was first written', async () => {
    const before = Date.now();
    await upsert('company-d-0');
    const { lastAt } = await sink.waitFor('party', 'd', 1);
    expect(lastAt).toBeGreaterThanOrEqual(before - 1_000);
    expect(lastAt).toBeLessThanOrEqual(Date.now() + 1_000);
  });
});
