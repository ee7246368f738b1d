import type { Pool, PoolClient } from 'pg';
import type { Deal } from './deal.js';

const UPSERT_PARTY = `
  INSERT INTO party (external_id, name, email) VALUES ($1, $2, $3)
  ON CONFLICT (external_id) DO UPDATE SET name = excluded.name, email = excluded.email RETURNING id`;
const UNKNOWN_PRODUCTS = `
  SELECT line.sku FROM jsonb_to_recordset($1::jsonb) AS line (sku text)
  WHERE NOT EXISTS (SELECT FROM product WHERE product.sku = line.sku)`;
const UPSERT_ORDER = `
  INSERT INTO sales_order (external_id, party_id, currency) VALUES ($1, $2::bigint, $3)
  ON CONFLICT (external_id) DO UPDATE SET party_id = excluded.party_id, currency = excluded.currency RETURNING id, number`;
const UPSERT_LINES = `
  INSERT INTO sales_order_line (order_id, external_id, sku, quantity, unit_price)
  SELECT $1::bigint, line.id, line.sku, line.quantity, line.price
  FROM jsonb_to_recordset($2::jsonb) AS line (id text, sku text, quantity integer, price numeric)
  ON CONFLICT (order_id, external_id) DO UPDATE
    SET sku = excluded.sku, quantity = excluded.quantity, unit_price = excluded.unit_price`;
const TOTAL = `
  SELECT sum(quantity * unit_price)::text AS total FROM sales_order_line WHERE order_id = $1::bigint`;

/** The statements of the benchmark's connection (`documents/connection.yaml`), under one static database user. */
export function createBareActivities(pool: Pool) {
  return {
    upsertParty: (deal: Deal): Promise<string> =>
      transaction(pool, async (client) => {
        const { company } = deal;
        const values = [company.id, company.name, company.email];
        const { rows } = await client.query<{ id: string }>(UPSERT_PARTY, values);
        return rows[0]?.id ?? '';
      }),

    upsertOrder: (deal: Deal, partyId: string): Promise<string> =>
      transaction(pool, async (client) => {
        const lines = JSON.stringify(deal.items);
        const unknown = await client.query(UNKNOWN_PRODUCTS, [lines]);
        if (unknown.rowCount !== 0) throw new Error('unknown product');
        const values = [deal.id, partyId, deal.currency];
        const { rows } = await client.query<{ id: string; number: string }>(UPSERT_ORDER, values);
        const order = rows[0];
        if (order === undefined) throw new Error('no order');
        await client.query(UPSERT_LINES, [order.id, lines]);
        await client.query(TOTAL, [order.id]);
        return order.number;
      }),
  };
}
export type BareActivities = ReturnType<typeof createBareActivities>;

async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SET LOCAL statement_timeout = '3s'");
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
