import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresFlowStore, PostgresSourceStore, migrate, withTenant } from '@ecluse/storage/postgres';
import {
  CHANGE,
  StorageFixture,
  aTenant,
  acceptedRuns,
  deadLetteredRun,
  releaseFlow,
  type Role,
} from './storage-fixture.js';

const TENANT_ROLES = ['door', 'worker', 'admin-api'] as const satisfies readonly Role[];
const TABLES = [
  ...['batches', 'batch_outputs', 'lanes', 'connection_states', 'body_edits'],
  ...['sources', 'connections', 'flows', 'flow_versions', 'releases', 'inbox', 'inbox_bodies', 'runs'],
  ...['step_attempts', 'effects', 'dead_letters', 'audit', 'api_keys', 'idempotency_keys'],
];

let fixture: StorageFixture;
let mine: string;
let theirs: string;
beforeAll(async () => {
  fixture = await StorageFixture.create();
  [mine, theirs] = [aTenant(), aTenant()];
  for (const tenant of [mine, theirs]) {
    const sources = new PostgresSourceStore(await fixture.as('admin-api'));
    await sources.put(tenant, 'crm-deals', { auth: [] }, { expectedVersion: null }, CHANGE);
    await releaseFlow(fixture, tenant);
    await deadLetteredRun(fixture, tenant);
  }
});
afterAll(() => fixture.close());

/** SQLSTATE of the statement's failure, or its number of rows. */
async function attempt(role: Role, text: string, tenant?: string): Promise<string | number> {
  const runner = (await fixture.as(role)).createQueryRunner();
  try {
    await runner.startTransaction();
    if (tenant !== undefined) await runner.query(`SELECT set_config('ecluse.tenant', $1, true)`, [tenant]);
    const result = await runner.query(text, [], true);
    return result.affected ?? result.records.length;
  } catch (error) {
    return (error as { driverError: { code: string } }).driverError.code;
  } finally {
    await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
}
const DENIED = '42501';

describe.each(TENANT_ROLES)('row-level security of %s', (role) => {
  it.each(TABLES)('shows no row of %s without a tenant', async (table) => {
    expect([0, DENIED]).toContain(await attempt(role, `SELECT tenant FROM ${table}`));
  });

  it.each(TABLES)('shows no row of %s of another tenant', async (table) => {
    expect([0, DENIED]).toContain(
      await attempt(role, `SELECT tenant FROM ${table} WHERE tenant <> '${mine}'`, mine),
    );
  });

  it('does not leave the tenant behind on a pooled connection', async () => {
    const dataSource = await fixture.as(role);
    await withTenant(dataSource, mine, (sql) => sql.rows('SELECT 1'));
    const rows: unknown = await dataSource.query(`SELECT current_setting('ecluse.tenant', true) AS tenant`);
    expect([[{ tenant: '' }], [{ tenant: null }]]).toContainEqual(rows);
  });
});

describe('row-level security', () => {
  it('shows each tenant its own rows, so the tests above prove something', async () => {
    for (const tenant of [mine, theirs]) {
      expect(await attempt('admin-api', 'SELECT tenant FROM sources', tenant)).toBe(1);
      expect(await attempt('worker', 'SELECT tenant FROM runs', tenant)).toBe(1);
      expect(await attempt('door', 'SELECT tenant FROM inbox', tenant)).toBe(1);
    }
    expect(await attempt('dispatcher', 'SELECT tenant FROM inbox')).toBe(2);
  });

  it('lets nobody write rows of another tenant', async () => {
    const insert = `INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id)
      VALUES (gen_random_uuid(), '${theirs}', 's', 'k', 'h', 1, 'c', 'i')`;
    expect(await attempt('door', insert, mine)).toBe(DENIED);
    expect(await attempt('door', insert, theirs)).toBe(1);
    const audit = `INSERT INTO audit (tenant, actor, action, resource) VALUES ('${theirs}', 'a', 'b', 'c')`;
    expect(await attempt('admin-api', audit, mine)).toBe(DENIED);
    expect(
      await attempt('admin-api', `UPDATE sources SET token = 'x' WHERE tenant = '${theirs}'`, mine),
    ).toBe(0);
    expect(
      await attempt('worker', `UPDATE runs SET state = 'running' WHERE tenant = '${theirs}'`, mine),
    ).toBe(0);
    expect(
      await attempt('admin-api', `UPDATE flows SET tenant = '${theirs}' WHERE tenant = '${mine}'`, mine),
    ).toBe(DENIED);
  });

  it('is on for every table, and every table has a tenant', async () => {
    const rows = await fixture.look<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'ecluse' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity
         AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnotnull)`,
    );
    expect(rows.map((row) => row.name).sort()).toEqual([...TABLES].sort());
  });
});

describe('least privilege', () => {
  const refused: [Role, string][] = [
    ['door', 'SELECT * FROM sources'],
    ['door', 'SELECT state FROM inbox'],
    ['door', 'SELECT ciphertext FROM inbox_bodies'],
    ['door', `UPDATE inbox SET state = 'received'`],
    ['door', 'DELETE FROM inbox'],
    ['door', 'SELECT * FROM api_key_by_id($$x$$)'],
    ['door', 'SELECT * FROM runs'],
    ['dispatcher', 'SELECT * FROM inbox_bodies'],
    ['dispatcher', 'SELECT * FROM sources'],
    ['dispatcher', 'UPDATE inbox SET delivery_key = $$x$$'],
    ['dispatcher', 'SELECT * FROM api_keys'],
    ['dispatcher', 'SELECT * FROM source_by_token($$x$$)'],
    ['worker', 'SELECT * FROM api_keys'],
    ['worker', 'SELECT * FROM sources'],
    ['worker', 'UPDATE runs SET flow_version = 1'],
    ['worker', 'INSERT INTO audit (tenant, actor, action, resource) VALUES ($$a$$, $$a$$, $$a$$, $$a$$)'],
    ['worker', 'UPDATE dead_letters SET state = $$discarded$$'],
    ['worker', 'UPDATE connections SET spec = $${}$$'],
    ['admin-api', 'SELECT * FROM api_keys'],
    ['admin-api', 'SELECT output_ciphertext FROM effects'],
    ['admin-api', 'SELECT * FROM inbox_bodies'],
    ['admin-api', 'DELETE FROM sources'],
    ['admin-api', 'UPDATE runs SET flow_version = 1'],
    ['admin-api', 'SELECT ciphertext FROM body_edits'],
    ['admin-api', 'UPDATE body_edits SET edited_by = $$x$$'],
    ['door', 'SELECT * FROM body_edits'],
    ['dispatcher', 'SELECT * FROM body_edits'],
    ['admin-api', 'SELECT ensure_body_partitions(1)'],
    ['admin-api', 'CREATE TABLE ecluse.mine (id int)'],
    ['worker', 'SELECT * FROM inbox_bodies_default'],
  ];
  it.each(refused)('%s may not: %s', async (role, statement) => {
    expect(await attempt(role, statement, mine)).toBe(DENIED);
  });
});

describe('the end of a run by the admin API', () => {
  let tenant: string;
  const end = (state: string): Promise<string | number> =>
    attempt('admin-api', `UPDATE runs SET state = '${state}' WHERE tenant = '${tenant}'`, tenant);
  beforeAll(async () => {
    tenant = aTenant();
    await releaseFlow(fixture, tenant);
    await acceptedRuns(fixture, tenant);
  });

  it('is refused for a run outside of a lane, and for one that is handed over', async () => {
    expect(await end('dead_letter')).toBe(0);
    await fixture.look(`UPDATE runs SET lane_key = 'k', state = 'started' WHERE tenant = $1`, [tenant]);
    expect(await end('dead_letter')).toBe(0);
  });

  it('is a dead letter, and nothing else, for one that waits in its lane', async () => {
    await fixture.look(`UPDATE runs SET lane_key = 'k', state = 'queued' WHERE tenant = $1`, [tenant]);
    for (const state of ['succeeded', 'started', 'running', 'queued']) expect(await end(state)).toBe(DENIED);
    expect(await end('dead_letter')).toBe(1);
  });
});

describe('history', () => {
  const statements = ['audit', 'releases', 'flow_versions'].flatMap((table) => [
    `UPDATE ${table} SET tenant = tenant`,
    `UPDATE ${table} SET tenant = tenant WHERE false`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ]);
  it.each(statements)('refuses even the owner: %s', async (statement) => {
    expect(await attempt('owner', statement)).toBe(DENIED);
  });

  it('refuses the admin API too, though somebody granted it everything', async () => {
    await fixture.look('GRANT ALL ON audit, releases, flow_versions TO ecluse_admin_api');
    for (const statement of statements) expect(await attempt('admin-api', statement, mine)).toBe(DENIED);
  });

  it('still holds what was written', async () => {
    const flows = new PostgresFlowStore(await fixture.as('admin-api'));
    expect((await flows.versions(mine, 'deal-to-order', { limit: 5 })).items).toHaveLength(1);
  });
});

describe('migrate', () => {
  it('does nothing a second time, also when called twice at once', async () => {
    const url = fixture.url('owner');
    expect(await Promise.all([migrate(url), migrate(url)])).toEqual([[], []]);
  });
});
