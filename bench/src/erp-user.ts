import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { StackUnderTest } from './stack-under-test.js';

/** Makes a static ERP user with the rights of the product's dynamic ones: what a bare worker would be given. */
export async function createErpUser(stack: StackUnderTest): Promise<string> {
  const at = `${stack.endpoints.postgres}/erp`;
  const password = randomBytes(16).toString('hex');
  const superuser = encodeURIComponent(stack.secret('postgres-password'));
  const client = new Client({ connectionString: `postgresql://postgres:${superuser}@${at}` });
  await client.connect();
  try {
    await client.query(`CREATE ROLE bench_erp LOGIN PASSWORD '${password}' IN ROLE erp_rw`);
    await client.query('GRANT CONNECT ON DATABASE erp TO bench_erp');
  } finally {
    await client.end();
  }
  return `postgresql://bench_erp:${password}@${at}`;
}
