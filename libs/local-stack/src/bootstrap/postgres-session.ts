import { EcluseError } from '@ecluse/errors';
import { Client } from 'pg';

/** Runs `work` on one connection and closes it. Throws STACK_BROKEN when PostgreSQL refuses a statement. */
export async function inSession<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // a connection that breaks rejects the query that waits on it
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new EcluseError('STACK_BROKEN', { detail: `postgres: ${message}`, cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}
