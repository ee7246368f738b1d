import 'reflect-metadata';
import { EcluseError } from '@ecluse/errors';
import { DataSource } from 'typeorm';
import { InitialSchema1764000000000 } from './migrations/1764000000000-initial-schema.js';

/**
 * Brings the schema of the owner's search path up to date; repeatable, all pending migrations in one transaction.
 * `url` is the connection URL of the schema's owner. Throws STORE_UNAVAILABLE.
 */
export async function migrate(url: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: [InitialSchema1764000000000],
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'all',
    extra: { max: 1 },
  });
  try {
    await source.initialize();
    await source.runMigrations();
  } catch (error) {
    throw new EcluseError('STORE_UNAVAILABLE', { detail: 'The migrations did not run.', cause: error });
  } finally {
    if (source.isInitialized) await source.destroy();
  }
}
