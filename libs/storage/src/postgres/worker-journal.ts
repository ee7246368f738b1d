import type { DataSource } from 'typeorm';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import { GroupCommit } from './group-commit.js';
import { preparedTransaction } from './prepared-transaction.js';
import type { SqlSession } from './sql-session.js';

/** One kind of what a worker asks of the database: one statement for all items of a tenant that wait together. */
export interface JournalKind<Item, Result> {
  /**
   * Answers one result per item, in order. An EcluseError as a result refuses that item alone, which must not have
   * written; what is thrown rolls the transaction back, and its items are tried one by one.
   */
  execute(sql: SqlSession, tenant: string, items: readonly Item[]): Promise<(Result | EcluseError)[]>;
}

interface Entry {
  tenant: string;
  kind: JournalKind<unknown, unknown>;
  item: unknown;
}

const GROUP = {
  maxItems: 200,
  // A statement that waits for one locked row must not keep everybody else waiting.
  maxGroups: 2,
};

/** PostgreSQL refused the transaction for what one of its items met: a deadlock, a lock, a statement out of time. */
const CONTENTION = /PostgreSQL (?:40P01|40001|55P03|57014)/;

const journals = new WeakMap<DataSource, WorkerJournal>();

/**
 * What the runs of one worker read and write, in shared transactions: a hundred runs that open, intend, settle and
 * close at the same moment cost a few statements and one commit, not four hundred. Each caller learns of its own item
 * once the transaction is committed. Across the tenants of a transaction row-level security stays on.
 */
export class WorkerJournal {
  readonly #commit: GroupCommit<Entry, unknown>;
  /** Told how many writes share a transaction; for metrics. */
  onGroup: ((items: number) => void) | undefined;

  constructor(dataSource: DataSource) {
    const execute = (entries: readonly Entry[]): Promise<unknown[]> => {
      this.onGroup?.(entries.length);
      return executeAll(dataSource, entries);
    };
    this.#commit = new GroupCommit(execute, isShared, GROUP);
  }

  /** The journal of this data source: all stores of one worker write into the same. */
  static of(dataSource: DataSource): WorkerJournal {
    const known = journals.get(dataSource) ?? new WorkerJournal(dataSource);
    journals.set(dataSource, known);
    return known;
  }

  /** Resolves after the commit. Throws STORE_UNAVAILABLE, DISK_FULL, and what the kind refuses with. */
  async submit<Item, Result>(
    kind: JournalKind<Item, Result>,
    tenant: string,
    item: NoInfer<Item>,
  ): Promise<Result> {
    const result = await this.#commit.submit({ tenant, kind, item });
    if (result instanceof EcluseError) throw result;
    return result as Result;
  }
}

function executeAll(dataSource: DataSource, entries: readonly Entry[]): Promise<unknown[]> {
  return preparedTransaction(dataSource, async (sql) => {
    const results: unknown[] = [];
    // In a fixed order, so that two transactions lock the same rows in the same order.
    for (const [tenant, kinds] of byTenantAndKind(entries)) {
      await sql.rows(`SELECT set_config('ecluse.tenant', $1, true)`, [tenant]);
      for (const [kind, places] of kinds) {
        const items = places.map((place) => entries[place]?.item);
        const answers = await kind.execute(sql, tenant, items);
        places.forEach((place, index) => (results[place] = answers[index]));
      }
    }
    return results;
  });
}

type Places = Map<JournalKind<unknown, unknown>, number[]>;

function byTenantAndKind(entries: readonly Entry[]): [string, Places][] {
  const tenants = new Map<string, Places>();
  entries.forEach(({ tenant, kind }, place) => {
    const kinds = tenants.get(tenant) ?? new Map<JournalKind<unknown, unknown>, number[]>();
    tenants.set(tenant, kinds);
    const places = kinds.get(kind);
    if (places === undefined) kinds.set(kind, [place]);
    else places.push(place);
  });
  return [...tenants].sort(([left], [right]) => (left < right ? -1 : 1));
}

function isShared(error: unknown): boolean {
  if (isEcluseError(error, 'DISK_FULL')) return true;
  if (!isEcluseError(error, 'STORE_UNAVAILABLE')) return false;
  return !(error.cause instanceof Error && CONTENTION.test(error.cause.message));
}

/** Tells how many writes share each transaction of the worker's journal; for metrics. */
export function observeWorkerGroups(dataSource: DataSource, onGroup: (items: number) => void): void {
  WorkerJournal.of(dataSource).onGroup = onGroup;
}
