import type { Client } from 'pg';
import { keptSecret } from '../servers/secret-file.js';
import { join } from 'node:path';
import type { StackHome } from '../stack-home.js';
import { ERP_REPORT_ROLE, OWNER_ROLE, SERVICES, VAULT_ADMIN_ROLE, postgresRole } from './services.js';

/** Passwords of the roles that log in with one, by role. */
export type RolePasswords = ReadonlyMap<string, string>;

const NO_POWERS = 'NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS';

/**
 * Makes the roles, and sets every attribute anew, so a role changed by hand is right again after a start.
 * Passwords are made once and kept in `home.secrets`.
 */
export async function ensureRoles(client: Client, home: StackHome): Promise<RolePasswords> {
  const passwords = new Map<string, string>();
  for (const role of [OWNER_ROLE, ...SERVICES.map(postgresRole), ERP_REPORT_ROLE]) {
    const password = await keptSecret(join(home.secrets, `${role}-password`));
    await ensureRole(
      client,
      role,
      `LOGIN NOCREATEROLE ${NO_POWERS} PASSWORD ${client.escapeLiteral(password)}`,
    );
    await client.query(
      `ALTER ROLE ${role} SET search_path = ${role === ERP_REPORT_ROLE ? 'public' : 'ecluse'}`,
    );
    passwords.set(role, password);
  }
  await ensureRole(client, 'erp_owner', `NOLOGIN NOCREATEROLE ${NO_POWERS}`);
  await ensureRole(client, 'erp_rw', `NOLOGIN NOCREATEROLE ${NO_POWERS}`);
  // No password yet: nobody can log in with it until Vault takes it over.
  await ensureRole(client, VAULT_ADMIN_ROLE, `LOGIN CREATEROLE ${NO_POWERS}`);
  await client.query(`GRANT erp_rw TO ${VAULT_ADMIN_ROLE} WITH ADMIN OPTION`);
  await client.query(`GRANT erp_owner TO ${VAULT_ADMIN_ROLE}`);
  return passwords;
}

async function ensureRole(client: Client, role: string, attributes: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const name = client.escapeIdentifier(role);
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${name} WITH ${attributes}`);
}
