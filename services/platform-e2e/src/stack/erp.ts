import { Client } from 'pg';
import { readSecret } from './status.js';

export interface Order {
  number: string;
  external_id: string;
  created_by: string;
  party: string;
  lines: number;
  total: string;
}

const ORDERS = `
  SELECT sales_order.number, sales_order.external_id, sales_order.created_by, party.name AS party,
         count(line.*)::int AS lines, sum(line.quantity * line.unit_price)::text AS total
  FROM sales_order JOIN party ON party.id = sales_order.party_id
  LEFT JOIN sales_order_line AS line ON line.order_id = sales_order.id
  WHERE sales_order.external_id = $1
  GROUP BY sales_order.id, party.id`;

/** The orders of one deal, read in the ERP itself: what really happened, whoever claims what. */
export async function ordersOf(dealId: string): Promise<Order[]> {
  return erp(async (client) => (await client.query<Order>(ORDERS, [`deal-${dealId}`])).rows);
}

/** A session on the ERP. `role` is the file of the connection URL below `secrets`. */
export async function erp<T>(work: (client: Client) => Promise<T>, role = 'erp-report'): Promise<T> {
  const client = new Client({ connectionString: readSecret(`${role}-database-url`) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
