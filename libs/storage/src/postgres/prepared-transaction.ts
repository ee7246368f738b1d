import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { poolOf } from './pg-pool.js';
import { isConnectionLost, translateError } from './postgres-errors.js';
import type { SqlSession } from './sql-session.js';

const names = new Map<string, string>();

/** Statements are constants of this package, so there are few of them. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `ecluse_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}

/**
 * One transaction whose statements each connection parses and plans only once: for the few whose rate makes that
 * count. Commits when `work` resolves, rolls back when it throws. Throws STORE_UNAVAILABLE, DISK_FULL, or what `work`
 * throws.
 */
export async function preparedTransaction<T>(
  dataSource: DataSource,
  work: (sql: SqlSession) => Promise<T>,
): Promise<T> {
  try {
    const client = await poolOf(dataSource, 'STORE_UNAVAILABLE').connect();
    // Without a listener, a session that breaks between two statements would end the process; the next one tells.
    client.on('error', ignore);
    let usable = false;
    try {
      await client.query('BEGIN');
      const result = await work(sessionOf(client));
      await client.query('COMMIT');
      usable = true;
      return result;
    } catch (error) {
      usable = !isConnectionLost(error) && (await rolledBack(client));
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(!usable);
    }
  } catch (error) {
    throw translateError(error, 'STORE_UNAVAILABLE');
  }
}

function ignore(): void {
  // The statement that runs into it reports it.
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

function sessionOf(client: PoolClient): SqlSession {
  return {
    async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      const result = await client.query({ name: nameOf(text), text, values: [...values] });
      return result.rows as Row[];
    },
  };
}
