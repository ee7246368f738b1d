import type { Client } from 'pg';
import {
  ECLUSE_DATABASE,
  ERP_DATABASE,
  ERP_REPORT_ROLE,
  OWNER_ROLE,
  SERVICES,
  VAULT_ADMIN_ROLE,
  postgresRole,
} from './services.js';

/** Makes both databases and lets nobody into them who has no business there. Runs as superuser, repeatable. */
export async function ensureDatabases(client: Client): Promise<void> {
  await ensureDatabase(client, ECLUSE_DATABASE, OWNER_ROLE);
  await ensureDatabase(client, ERP_DATABASE, 'erp_owner');
  await admitOnly(client, ECLUSE_DATABASE, SERVICES.map(postgresRole));
  await admitOnly(client, ERP_DATABASE, ['erp_rw', ERP_REPORT_ROLE, VAULT_ADMIN_ROLE]);
  await admitOnly(client, 'postgres', []);
  await admitOnly(client, 'template1', []);
}

/** CONNECT for `roles`, the owner and superusers; PUBLIC, which has it by default, loses everything. */
export async function admitOnly(client: Client, database: string, roles: readonly string[]): Promise<void> {
  const name = client.escapeIdentifier(database);
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  for (const role of roles)
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${client.escapeIdentifier(role)}`);
}

async function ensureDatabase(client: Client, database: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (rowCount !== 0) return;
  await client.query(
    `CREATE DATABASE ${client.escapeIdentifier(database)} OWNER ${client.escapeIdentifier(owner)}`,
  );
}

/** Ecluse's schema, inside its database. */
export async function ensureEcluseSchema(client: Client): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ecluse AUTHORIZATION ${OWNER_ROLE}`);
  await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
}

/** The ERP's tables, inside its database, as their owner; then read access for reports. */
export async function applyErpSchema(client: Client, schema: string): Promise<void> {
  await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await client.query('SET ROLE erp_owner');
  await client.query(schema);
  await client.query(`GRANT USAGE ON SCHEMA public TO ${ERP_REPORT_ROLE}`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${ERP_REPORT_ROLE}`);
  await client.query('RESET ROLE');
}
