import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeConnectorConformance } from '@ecluse/connector-sdk/testing';
import type { JsonObject } from '@ecluse/contracts';
import { eventually } from '@ecluse/testing';
import { SqlConnector } from './index.js';
import { ScratchDatabase } from './testing/scratch-database.js';

/** Real: PostgreSQL. Nothing is fake. */
let scratch: ScratchDatabase;
const connector = new SqlConnector();

beforeAll(async () => {
  scratch = await ScratchDatabase.create();
});

afterAll(async () => {
  await connector.close();
  await scratch.drop();
});

function call(
  operation: string,
  input: JsonObject,
  signal = AbortSignal.timeout(20_000),
  config: JsonObject = {},
) {
  const spec = scratch.spec();
  const context = {
    tenant: 'acme',
    connection: 'erp',
    credential: scratch.credential,
    callKey: 'wh:x/step',
    signal,
  };
  return connector.call(
    { ...spec, config: { ...(spec['config'] as JsonObject), ...config } },
    operation,
    input,
    context,
  );
}
const count = async (externalId: string): Promise<number> =>
  (await scratch.query(`SELECT 1 FROM ${scratch.schema}.item WHERE external_id = '${externalId}'`)).length;

describeConnectorConformance(
  'sql on PostgreSQL',
  () => ({
    connector,
    spec: scratch.spec(),
    write: { operation: 'item.upsert', input: (id, mail) => ({ externalId: id, quantity: 1, mail }) },
    refusedInput: (mail) => ({ externalId: 'refused', quantity: -1, mail }),
    drifted: { spec: scratch.spec(), operation: 'item.drifted', input: { externalId: 'x' } },
    credential: scratch.credential,
    unknownCredential: { username: scratch.credential.username, password: 'not-the-secret' },
    count,
    countAll: async () => (await scratch.query(`SELECT 1 FROM ${scratch.schema}.item`)).length,
  }),
  { bulk: true },
);

describe('sql connector, refusals', () => {
  it('undoes earlier statements when a later one fails, and names the constraint without the row', async () => {
    const { verdict } = await call('item.twice', {
      externalId: 'undone',
      quantity: 1,
      mail: 'jane@canary.example',
    });
    expect(verdict).toMatchObject({ outcome: 'invalid', vendorCode: '23514' });
    expect(verdict.reason).toContain('constraint item_quantity_check, table item');
    expect(JSON.stringify(verdict)).not.toContain('canary');
    expect(await count('undone')).toBe(0);
  });

  it('undoes everything when the rows are not those expected', async () => {
    const { verdict } = await call('item.expect', { externalId: 'unexpected', quantity: 1 });
    expect(verdict).toEqual({
      outcome: 'missing_dependency',
      reason: 'The item has no parent.',
      vendorCode: null,
    });
    expect(await count('unexpected')).toBe(0);
  });

  it.each([
    ['item.closed', { outcome: 'forbidden', vendorCode: '42501' }],
    ['item.sneak', { outcome: 'contract_drift', vendorCode: '25006' }],
    ['item.slow', { outcome: 'transient', vendorCode: '57014' }],
  ])('%s', async (operation, verdict) => {
    const result = await call(operation, { externalId: operation, quantity: 1 });
    expect(result.verdict).toMatchObject(verdict);
    expect(await count(operation)).toBe(0);
  });

  it('tells a duplicate from a repeated upsert', async () => {
    await call('item.insert', { externalId: 'twice', quantity: 1 });
    const { verdict } = await call('item.insert', { externalId: 'twice', quantity: 1 });
    expect(verdict).toMatchObject({ outcome: 'duplicate', vendorCode: '23505' });
  });

  it('cuts a running statement off when the attempt is cancelled, and leaves neither row nor session', async () => {
    const cancel = new AbortController();
    const running = call('item.slow', { externalId: 'cut-off', quantity: 1 }, cancel.signal, {
      statementTimeout: '20s',
    });
    await eventually(async () => {
      const busy = await scratch.query(
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND usename = '${scratch.credential.username}'`,
      );
      expect(busy).toHaveLength(1);
    });
    cancel.abort();
    const { verdict } = await running;
    expect(verdict).toMatchObject({ outcome: 'transient' });
    expect(verdict.reason).toContain('rolled back');
    expect(await count('cut-off')).toBe(0);
  });

  it('is in doubt when the session ends during the commit', async () => {
    const { verdict } = await call('item.fatal', {});
    expect(verdict).toMatchObject({ outcome: 'ambiguous' });
  });

  it('does not fall back to plain text when the server offers no TLS', async () => {
    const { verdict } = await call('item.upsert', { externalId: 'tls', quantity: 1 }, undefined, {
      tls: { mode: 'verify-full' },
    });
    expect(verdict).toMatchObject({ outcome: 'contract_drift' });
    expect(await count('tls')).toBe(0);
  });

  it('is transient when nobody listens', async () => {
    const { verdict } = await call('item.upsert', { externalId: 'x', quantity: 1 }, undefined, { port: 1 });
    expect(verdict).toMatchObject({ outcome: 'transient', vendorCode: 'ECONNREFUSED' });
  });
});

describe('sql connector', () => {
  it('keeps digits and types, and binds what looks like SQL as text', async () => {
    const mail = "'; DROP TABLE item; --";
    const result = await call('item.values', { mail });
    expect(result).toEqual({
      verdict: { outcome: 'ok', reason: null, vendorCode: null },
      output: {
        big: '1',
        small: 2,
        amount: '1.50',
        flag: true,
        none: null,
        doc: { a: [1] },
        at: '2026-11-24 08:00:00+00',
        key: 'wh:x/step',
        mail,
      },
    });
  });

  it('sees a session that was ended by force as a stale credential, and works with the next', async () => {
    await call('item.upsert', { externalId: 'before', quantity: 1 });
    await scratch.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${scratch.credential.username}'`,
    );
    const outcomes = [];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      outcomes.push((await call('item.upsert', { externalId: 'after', quantity: 1 })).verdict.outcome);
    }
    expect(outcomes.at(-1)).toBe('ok');
    expect(await count('after')).toBe(1);
  });

  it('leaves no session of a user that is retired', async () => {
    await call('item.upsert', { externalId: 'retired', quantity: 1 });
    expect(await scratch.sessions()).toBeGreaterThan(0);
    await connector.close(scratch.credential.username);
    await eventually(async () => {
      expect(await scratch.sessions()).toBe(0);
    });
  });
});
