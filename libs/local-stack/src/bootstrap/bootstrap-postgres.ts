import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '@ecluse/storage/postgres';
import type { PostgresServer } from '../servers/postgres-server.js';
import { postgresUrl } from '../servers/postgres-server.js';
import { writeSecretFile } from '../servers/secret-file.js';
import type { StackHome } from '../stack-home.js';
import { ensureApiKeys } from './api-keys.js';
import { checkoutFiles, type BootstrapFiles } from './definitions.js';
import { applyErpSchema, ensureDatabases, ensureEcluseSchema } from './postgres-databases.js';
import { ensureRoles, type RolePasswords } from './postgres-roles.js';
import { inSession, withDatabase } from './postgres-session.js';
import {
  ECLUSE_DATABASE,
  ERP_DATABASE,
  ERP_REPORT_ROLE,
  OWNER_ROLE,
  SERVICES,
  postgresRole,
  type ServiceName,
} from './services.js';

/** What `bootstrapPostgres` works on. */
export interface BootstrapPostgresOptions {
  readonly home: StackHome;
  readonly server: Pick<PostgresServer, 'port' | 'superuserUrl'>;
  readonly tenant: string;
  /** Default: the files of this checkout. */
  readonly files?: BootstrapFiles;
}

/** Files (0600) that hold one connection URL each. */
export interface PostgresAccess {
  readonly services: Readonly<Record<ServiceName, string>>;
  /** Runs migrations; for no service. */
  readonly owner: string;
  /** Reads the ERP. */
  readonly erpReport: string;
}

/**
 * Roles, databases, migrations, the ERP's schema and API keys. Repeatable: what exists stays, URLs follow the port.
 * Throws STACK_BROKEN, or what the migrations throw.
 */
export async function bootstrapPostgres(options: BootstrapPostgresOptions): Promise<PostgresAccess> {
  const { home, server, tenant, files = checkoutFiles() } = options;
  const passwords = await inSession(server.superuserUrl, async (client) => {
    const made = await ensureRoles(client, home);
    await ensureDatabases(client);
    return made;
  });
  await inSession(withDatabase(server.superuserUrl, ECLUSE_DATABASE), ensureEcluseSchema);
  const ownerUrl = urlOf(passwords, OWNER_ROLE, server.port, ECLUSE_DATABASE);
  await migrate(ownerUrl);
  await inSession(ownerUrl, (client) => ensureApiKeys(client, home, tenant));
  const schema = await readFile(files.erpSchema, 'utf8');
  await inSession(withDatabase(server.superuserUrl, ERP_DATABASE), (client) =>
    applyErpSchema(client, schema),
  );
  return writeUrls(home, passwords, server.port);
}

async function writeUrls(home: StackHome, passwords: RolePasswords, port: number): Promise<PostgresAccess> {
  const write = async (name: string, role: string, database: string): Promise<string> => {
    const file = join(home.secrets, `${name}-database-url`);
    await writeSecretFile(file, `${urlOf(passwords, role, port, database)}\n`);
    return file;
  };
  const services = SERVICES.map(async (service) => [
    service,
    await write(service, postgresRole(service), ECLUSE_DATABASE),
  ]);
  return {
    services: Object.fromEntries(await Promise.all(services)) as Record<ServiceName, string>,
    owner: await write('owner', OWNER_ROLE, ECLUSE_DATABASE),
    erpReport: await write('erp-report', ERP_REPORT_ROLE, ERP_DATABASE),
  };
}

function urlOf(passwords: RolePasswords, role: string, port: number, database: string): string {
  const password = passwords.get(role);
  if (password === undefined) throw new Error(`role ${role} has a password`);
  return postgresUrl({ user: role, password, port, database });
}
