import pg from 'pg';
import { EcluseError } from '@ecluse/errors';
import { createDataSource, SCHEMA, SERVICE_ROLES } from './data-source.js';
import { translateError } from './postgres-errors.js';

/** Any constant will do; it is the key of the advisory lock that serialises migrators. */
const MIGRATION_LOCK = 7_253_441_002;
const STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Brings the schema up to date, as its owner. Safe to call from several processes at once; a call without
 * anything to do changes nothing. Answers the names of the migrations that ran. Throws STORE_UNAVAILABLE,
 * DISK_FULL, or CONFIG_INVALID where a service role is missing.
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  try {
    return await withMigrationLock(ownerUrl, async (client) => {
      await requireRoles(client);
      await ensureSchema(client);
      return runMigrations(ownerUrl);
    });
  } catch (error) {
    throw translateError(error, 'STORE_UNAVAILABLE');
  }
}

async function withMigrationLock<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'ecluse-migrate',
    connectionTimeoutMillis: 5000,
  });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(client);
  } finally {
    // Ends the session, and with it the lock.
    await client.end().catch(() => undefined);
  }
}

async function requireRoles(client: pg.Client): Promise<void> {
  const found = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY($1)',
    [SERVICE_ROLES],
  );
  const names = new Set(found.rows.map((row) => row.rolname));
  const missing = SERVICE_ROLES.filter((role) => !names.has(role));
  if (missing.length > 0) {
    throw new EcluseError('CONFIG_INVALID', { detail: `PostgreSQL has no role ${missing.join(', ')}` });
  }
}

/** CREATE SCHEMA IF NOT EXISTS wants the right to create even where the schema exists. */
async function ensureSchema(client: pg.Client): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [SCHEMA]);
  if (found.rowCount === 0) await client.query(`CREATE SCHEMA ${SCHEMA}`);
}

async function runMigrations(ownerUrl: string): Promise<string[]> {
  const dataSource = createDataSource({
    url: ownerUrl,
    applicationName: 'ecluse-migrate',
    poolSize: 2,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  await dataSource.initialize();
  try {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
}
