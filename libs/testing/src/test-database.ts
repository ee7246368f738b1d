import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  admitOnly,
  inSession,
  postgresRole,
  type ServiceName,
  SERVICES,
  withDatabase,
} from '@ecluse/local-stack';
import { testServers } from './test-servers.js';
import { uniqueName } from './unique-name.js';

/** A migrated Ecluse database of one spec file, empty but for what migrations write. */
export interface TestDatabase {
  readonly name: string;
  /** Connection URLs by service: the roles and rights of production. */
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Owner of the schema: not bound by row-level security. */
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  /** Drops it, and ends the sessions that are left. */
  drop(): Promise<void>;
}

/** Database that `createTestDatabase` copies; made by the global setup, nobody may be connected to it. */
export const TEMPLATE_DATABASE = 'ecluse_template';

/** Copies the template: about 100 ms. Call `drop()` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgres } = testServers();
  const name = uniqueName('test').replace('-', '_');
  await inSession(postgres.superuserUrl, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE} OWNER ecluse_owner`);
    await admitOnly(client, name, SERVICES.map(postgresRole)); // a copy does not take over who may connect
  });
  const url = async (who: string): Promise<string> => {
    return withDatabase((await readFile(join(postgres.secrets, `${who}-database-url`), 'utf8')).trim(), name);
  };
  const urls = SERVICES.map(async (service): Promise<[ServiceName, string]> => [service, await url(service)]);
  return {
    name,
    urls: Object.fromEntries(await Promise.all(urls)) as Record<ServiceName, string>,
    ownerUrl: await url('owner'),
    superuserUrl: withDatabase(postgres.superuserUrl, name),
    drop: async () => {
      await inSession(postgres.superuserUrl, (client) =>
        client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      );
    },
  };
}
