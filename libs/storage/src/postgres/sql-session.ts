import type { DataSource, QueryRunner } from 'typeorm';
import { isConnectionLost, translateError, type Unavailable } from './postgres-errors.js';

/** Statements of one connection. Values are bound parameters only; the text of a statement is never built from input. */
export interface SqlSession {
  /** Rows of the statement; `Row` describes its columns, which only the statement's specs can check. */
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** How a failure that may pass is reported. Default `STORE_UNAVAILABLE`. */
export interface SessionOptions {
  unavailable?: Unavailable;
}

/**
 * One transaction that sees and writes the rows of `tenant` only (row-level security). Commits when `work`
 * resolves, rolls back when it throws. Throws STORE_UNAVAILABLE, DISK_FULL, or what `work` throws.
 */
export async function withTenant<T>(
  dataSource: DataSource,
  tenant: string,
  work: (sql: SqlSession) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  return inTransaction(
    dataSource,
    async (sql) => {
      await sql.rows(`SELECT set_config('ecluse.tenant', $1, true)`, [tenant]);
      return work(sql);
    },
    options,
  );
}

/** One transaction without a tenant: for the dispatcher, and for the owner. */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (sql: SqlSession) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  return withRunner(dataSource, options, async (runner) => {
    await runner.startTransaction();
    try {
      const result = await work(sessionOf(runner));
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // The first error is the telling one. A lost connection is rolled back by the server.
      if (!isConnectionLost(error)) await runner.rollbackTransaction().catch(() => discard(runner));
      throw error;
    }
  });
}

/** One statement of its own. */
export async function single<Row>(
  dataSource: DataSource,
  text: string,
  values: readonly unknown[] = [],
  options: SessionOptions = {},
): Promise<Row[]> {
  return withRunner(dataSource, options, async (runner) => sessionOf(runner).rows<Row>(text, values));
}

async function withRunner<T>(
  dataSource: DataSource,
  options: SessionOptions,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  try {
    const runner = dataSource.createQueryRunner();
    try {
      return await work(runner);
    } catch (error) {
      if (isConnectionLost(error)) await discard(runner);
      throw error;
    } finally {
      await runner.release();
    }
  } catch (error) {
    throw translateError(error, options.unavailable ?? 'STORE_UNAVAILABLE');
  }
}

/**
 * Ends the connection, so that the pool makes a new one instead of handing this one to the next caller: it may be
 * half dead, in the middle of a statement, or inside a transaction.
 */
async function discard(runner: QueryRunner): Promise<void> {
  // TypeORM lets go of a connection by itself when the socket's own error comes first; then there is nothing to end.
  const { databaseConnection } = runner as { databaseConnection?: { end(): Promise<void> } };
  await databaseConnection?.end().catch(() => undefined);
}

function sessionOf(runner: QueryRunner): SqlSession {
  return {
    async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      const result = await runner.query(text, [...values], true);
      return result.records as Row[];
    },
  };
}
