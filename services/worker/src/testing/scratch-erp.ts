import { Client } from 'pg';
import type { JsonObject } from '@ecluse/contracts';
import { testServers, uniqueName } from '@ecluse/testing';

/** A schema of its own in the ERP database, usable by the users that Vault makes, and the connection to it. */
export class ScratchErp {
  readonly schema = uniqueName('erp').replaceAll('-', '_');
  readonly #client = new Client({ connectionString: testServers().postgres.erpUrl });

  static async create(): Promise<ScratchErp> {
    const erp = new ScratchErp();
    await erp.#client.connect();
    await erp.query(`
      CREATE SCHEMA ${erp.schema};
      GRANT USAGE ON SCHEMA ${erp.schema} TO erp_rw;
      CREATE TABLE ${erp.schema}.product (sku text PRIMARY KEY);
      INSERT INTO ${erp.schema}.product VALUES ('LOCK-100');
      CREATE TABLE ${erp.schema}.sales_order (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        external_id text NOT NULL UNIQUE,
        sku text NOT NULL,
        made_by text NOT NULL DEFAULT session_user
      );
      CREATE TABLE ${erp.schema}.note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
      CREATE TABLE ${erp.schema}.gate (name text PRIMARY KEY);
      GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA ${erp.schema} TO erp_rw;`);
    return erp;
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    return (await this.#client.query<Record<string, unknown>>(text)).rows;
  }

  rows(table: string): Promise<Record<string, unknown>[]> {
    return this.query(`SELECT * FROM ${this.schema}.${table} ORDER BY 1`);
  }

  async drop(): Promise<void> {
    await this.query(`DROP SCHEMA ${this.schema} CASCADE`);
    await this.#client.end();
  }

  /** Spec of a connection to this schema, with the role that the example ERP has in Vault. */
  connectionSpec(): JsonObject {
    const { host, port } = testServers().postgres;
    return {
      connector: 'sql',
      config: {
        engine: 'postgresql',
        host,
        port,
        database: 'erp',
        tls: { mode: 'disable' },
        statementTimeout: '4s',
      },
      credentials: { vault: { engine: 'database', mount: 'database', role: 'acme-erp' } },
      operations: operations(this.schema),
    };
  }
}

function operations(schema: string): JsonObject {
  const order = {
    type: 'object',
    required: ['externalId', 'sku'],
    properties: { externalId: { type: 'string' }, sku: { type: 'string' } },
  };
  return {
    'salesOrder.upsert': {
      effect: 'upsert',
      idempotency: { kind: 'external_id', field: 'externalId' },
      input: order,
      statements: [
        {
          sql: `SELECT FROM ${schema}.product WHERE sku = :sku`,
          expect: { rows: 1, outcome: 'missing_dependency', reason: 'The ERP does not have the product.' },
        },
        {
          sql: `INSERT INTO ${schema}.sales_order (external_id, sku) VALUES (:externalId, :sku)
                ON CONFLICT (external_id) DO UPDATE SET sku = excluded.sku RETURNING id`,
        },
      ],
      bulk: {
        statements: [
          {
            sql: `SELECT FROM jsonb_to_recordset(:items::jsonb) AS x (sku text)
                  WHERE NOT EXISTS (SELECT FROM ${schema}.product p WHERE p.sku = x.sku)`,
            expect: { rows: 0, outcome: 'missing_dependency', reason: 'The ERP does not have a product.' },
          },
          {
            sql: `WITH given AS (
                    SELECT * FROM jsonb_to_recordset(:items::jsonb) AS x (item integer, "externalId" text, sku text)
                  ), made AS (
                    INSERT INTO ${schema}.sales_order (external_id, sku) SELECT "externalId", sku FROM given
                    ON CONFLICT (external_id) DO UPDATE SET sku = excluded.sku RETURNING id, external_id)
                  SELECT given.item, made.id FROM given JOIN made ON made.external_id = given."externalId"`,
          },
        ],
      },
    },
    // As `salesOrder.upsert`, but tried first without an activity task.
    'shortOrder.upsert': {
      effect: 'upsert',
      idempotency: { kind: 'external_id', field: 'externalId' },
      timeout: '5s',
      short: true,
      input: order,
      statements: [
        {
          sql: `INSERT INTO ${schema}.sales_order (external_id, sku) VALUES (:externalId, :sku)
                ON CONFLICT (external_id) DO UPDATE SET sku = excluded.sku RETURNING id`,
        },
      ],
    },
    'gate.pass': {
      effect: 'read',
      input: { type: 'object', properties: { name: { type: 'string' } } },
      statements: [
        {
          sql: `SELECT name FROM ${schema}.gate WHERE name = :name`,
          expect: { rows: 1, outcome: 'transient', reason: 'The gate is closed.' },
        },
      ],
    },
    'note.add': {
      effect: 'create',
      idempotency: { kind: 'none', onAmbiguous: 'park' },
      input: { type: 'object', properties: { text: { type: 'string' } } },
      statements: [{ sql: `INSERT INTO ${schema}.note (text) VALUES (:text) RETURNING id` }],
    },
  };
}
