import { join } from 'node:path';
import { EcluseError } from '@ecluse/errors';
import { Client } from 'pg';
import { readSecretFile } from '../servers/secret-file.js';
import type { StackHome } from '../stack-home.js';

/** A sales order as the example ERP holds it now. Decimals are text. */
export interface ErpOrder {
  readonly number: string;
  readonly externalId: string;
  readonly customer: string;
  readonly currency: string;
  /** PostgreSQL user that wrote it: the credential lease. */
  readonly createdBy: string;
  readonly total: string;
  readonly lines: readonly ErpOrderLine[];
}
export interface ErpOrderLine {
  readonly sku: string;
  readonly product: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly amount: string;
}

const ORDERS = `
  SELECT sales_order.number, sales_order.external_id AS "externalId", party.name AS customer, sales_order.currency,
         sales_order.created_by AS "createdBy",
         coalesce(sum(line.quantity * line.unit_price), 0)::text AS total,
         coalesce(json_agg(json_build_object(
           'sku', line.sku, 'product', product.name, 'quantity', line.quantity,
           'unitPrice', line.unit_price::text, 'amount', (line.quantity * line.unit_price)::text
         ) ORDER BY line.external_id) FILTER (WHERE line.sku IS NOT NULL), '[]') AS lines
  FROM sales_order
  JOIN party ON party.id = sales_order.party_id
  LEFT JOIN sales_order_line AS line ON line.order_id = sales_order.id
  LEFT JOIN product ON product.sku = line.sku
  WHERE sales_order.external_id = $1
  GROUP BY sales_order.id, party.id`;

/**
 * Reads the orders of one external id in the ERP itself, with its reporting role: what really happened, whoever
 * claims what. Throws `STACK_BROKEN` when the ERP was not set up.
 */
export async function readErpOrders(home: StackHome, externalId: string): Promise<ErpOrder[]> {
  const connectionString = await readSecretFile(join(home.secrets, 'erp-report-database-url'));
  if (connectionString === undefined)
    throw new EcluseError('STACK_BROKEN', { detail: 'the example ERP was not set up' });
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<ErpOrder>(ORDERS, [externalId])).rows;
  } finally {
    await client.end();
  }
}
