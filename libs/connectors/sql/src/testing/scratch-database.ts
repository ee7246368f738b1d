import { Client } from 'pg';
import type { JsonObject } from '@ecluse/contracts';
import { testServers, uniqueName } from '@ecluse/testing';

/** A schema and a login of their own on the real PostgreSQL, with tables that can be made to misbehave. */
export class ScratchDatabase {
  readonly schema = uniqueName('sql').replaceAll('-', '_');
  readonly credential = { username: `${this.schema}_user`, password: uniqueName('secret') };
  readonly #client = new Client({ connectionString: testServers().postgres.erpUrl });

  static async create(): Promise<ScratchDatabase> {
    const scratch = new ScratchDatabase();
    const { schema, credential } = scratch;
    await scratch.#client.connect();
    await scratch.query(`
      CREATE ROLE ${credential.username} LOGIN PASSWORD '${credential.password}';
      GRANT CONNECT ON DATABASE erp TO ${credential.username};
      CREATE SCHEMA ${schema};
      GRANT USAGE ON SCHEMA ${schema} TO ${credential.username};
      CREATE TABLE ${schema}.item (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        external_id text NOT NULL CONSTRAINT item_external_id_key UNIQUE,
        quantity integer NOT NULL CONSTRAINT item_quantity_check CHECK (quantity > 0),
        mail text
      );
      CREATE TABLE ${schema}.fatal (id integer);
      CREATE FUNCTION ${schema}.end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON ${schema}.fatal
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.end_session();
      CREATE TABLE ${schema}.closed (id integer);
      GRANT SELECT, INSERT, UPDATE ON ${schema}.item, ${schema}.fatal TO ${credential.username};`);
    return scratch;
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    return (await this.#client.query<Record<string, unknown>>(text)).rows;
  }

  /** Sessions of the login that the server has now. */
  async sessions(): Promise<number> {
    const rows = await this.query(
      `SELECT 1 FROM pg_stat_activity WHERE usename = '${this.credential.username}'`,
    );
    return rows.length;
  }

  async drop(): Promise<void> {
    const { schema, credential } = this;
    await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${credential.username}'`,
    );
    await this.query(
      `DROP SCHEMA ${schema} CASCADE; DROP OWNED BY ${credential.username}; DROP ROLE ${credential.username}`,
    );
    await this.#client.end();
  }

  spec(): JsonObject {
    const { host, port } = testServers().postgres;
    return {
      config: {
        engine: 'postgresql',
        host,
        port,
        database: 'erp',
        tls: { mode: 'disable' },
        statementTimeout: '1s',
      },
      operations: operations(this.schema),
    };
  }
}

function operations(schema: string): JsonObject {
  const text = { type: 'string', maxLength: 60 };
  const input = {
    type: 'object',
    properties: { externalId: text, quantity: { type: 'integer' }, mail: text },
  };
  const write = { effect: 'upsert', idempotency: { kind: 'external_id', field: 'externalId' }, input };
  const insert = `INSERT INTO ${schema}.item (external_id, quantity, mail) VALUES (:externalId, :quantity, :mail)`;
  const upsert = `${insert} ON CONFLICT (external_id) DO UPDATE SET quantity = excluded.quantity RETURNING id, quantity`;
  const rows = `jsonb_to_recordset(:items::jsonb) AS x (item integer, "externalId" text, quantity integer, mail text)`;
  const bulk = (returned: string) => ({
    statements: [
      {
        sql: `WITH given AS (SELECT * FROM ${rows}), made AS (
                INSERT INTO ${schema}.item (external_id, quantity, mail) SELECT "externalId", quantity, mail FROM given
                ON CONFLICT (external_id) DO UPDATE SET quantity = excluded.quantity RETURNING id, quantity, external_id)
              SELECT ${returned}, made.id, made.quantity FROM given JOIN made ON made.external_id = given."externalId"`,
      },
    ],
  });
  return {
    'item.upsert': { ...write, statements: [{ sql: upsert }], bulk: bulk('given.item') },
    'item.lost': { ...write, statements: [{ sql: upsert }], bulk: bulk('nullif(given.item, 1) AS item') },
    'item.doubled': { ...write, statements: [{ sql: upsert }], bulk: bulk('least(given.item, 1) AS item') },
    'item.keyed': {
      ...write,
      statements: [{ sql: 'SELECT :call.key::text AS key' }],
      bulk: {
        statements: [
          {
            sql: `SELECT x.item, x."call.key" AS key FROM jsonb_to_recordset(:items::jsonb) AS x (item integer, "call.key" text)`,
          },
        ],
      },
    },
    'item.insert': { ...write, statements: [{ sql: insert }] },
    'item.twice': {
      ...write,
      statements: [
        { sql: upsert },
        { sql: `UPDATE ${schema}.item SET quantity = -1 WHERE external_id = :externalId` },
      ],
    },
    'item.expect': {
      ...write,
      statements: [
        { sql: upsert },
        {
          sql: `SELECT id FROM ${schema}.item WHERE external_id = 'no such'`,
          expect: { rows: { min: 1 }, outcome: 'missing_dependency', reason: 'The item has no parent.' },
        },
      ],
    },
    'item.values': {
      effect: 'read',
      input,
      statements: [
        {
          name: 'row',
          sql: `SELECT 1::bigint AS big, 2::integer AS small, 1.50::numeric AS amount, true AS flag, NULL AS none,
                  '{"a": [1]}'::jsonb AS doc, '2026-11-24 08:00+00'::timestamptz AS at, :call.key AS key, :mail::text AS mail`,
        },
      ],
      output: {
        big: ':row.big',
        small: ':row.small',
        amount: ':row.amount',
        flag: ':row.flag',
        none: ':row.none',
        doc: ':row.doc',
        at: ':row.at',
        key: ':row.key',
        mail: ':row.mail',
      },
    },
    'item.sneak': { effect: 'read', input, statements: [{ sql: upsert }] },
    'item.slow': { ...write, statements: [{ sql: upsert }, { sql: 'SELECT pg_sleep(30)' }] },
    'item.fatal': { ...write, statements: [{ sql: `INSERT INTO ${schema}.fatal VALUES (1)` }] },
    'item.closed': { ...write, statements: [{ sql: `INSERT INTO ${schema}.closed VALUES (1)` }] },
    'item.drifted': {
      ...write,
      statements: [{ sql: `INSERT INTO ${schema}.item (no_such_column) VALUES (:externalId)` }],
    },
  };
}
