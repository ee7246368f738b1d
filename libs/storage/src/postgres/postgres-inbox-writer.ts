import type { Pool, PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { DeliveryConflict, InboxWriter, InsertOutcome, NewDelivery } from '../inbox.js';
import { ACCEPT_DELIVERIES, acceptValues, type AcceptedRow } from './accept-deliveries.js';
import { GroupCommit } from './group-commit.js';
import { poolOf } from './pg-pool.js';
import { translateError } from './postgres-errors.js';
import { withTenant } from './sql-session.js';

export interface InboxWriterOptions {
  /** Longest time that an insert may take, waiting included, in milliseconds. Default 10000. */
  waitMs?: number;
  /** Most inserts that wait for their group; more are refused at once. Default 5000. */
  maxWaiting?: number;
  /** Told how many inserts share a group; for metrics. */
  onGroup?: (items: number) => void;
}
interface Submitted {
  delivery: NewDelivery;
  /** Monotonic milliseconds at which its sender is told to come back. */
  lateAt: number;
}

/** Two groups: one is on its way to PostgreSQL while the other one's commit reaches the disk. */
const GROUP = { maxItems: 200, maxGroups: 2, maxWeight: 4 * 1_048_576 };
const UNAVAILABLE = 'INBOX_UNAVAILABLE';

const REPORT = `
INSERT INTO audit (tenant, actor, action, resource, detail, request_id)
VALUES ($1, 'door', 'delivery.conflict', $2, $3, $4)`;

/** Role `ecluse_door`. Concurrent inserts share a statement per tenant, a transaction and a wake-up. */
export class PostgresInboxWriter implements InboxWriter {
  private readonly commit: GroupCommit<Submitted, InsertOutcome>;
  private readonly waitMs: number;
  private readonly maxWaiting: number;

  constructor(
    private readonly dataSource: DataSource,
    options: InboxWriterOptions = {},
  ) {
    this.waitMs = options.waitMs ?? 10_000;
    this.maxWaiting = options.maxWaiting ?? 5_000;
    const insertGroup = (group: readonly Submitted[]): Promise<InsertOutcome[]> => {
      options.onGroup?.(group.length);
      return this.insertGroup(group);
    };
    this.commit = new GroupCommit(insertGroup, isShared, {
      ...GROUP,
      weightOf: ({ delivery }) => delivery.body.ciphertext.length,
      expired: ({ lateAt }) => (performance.now() < lateAt ? undefined : late()),
    });
  }

  /** Inserts that wait for a group. */
  get waiting(): number {
    return this.commit.depth;
  }

  /** For how long the oldest of them has been waiting, in milliseconds. */
  get oldestWaitingMs(): number {
    return this.commit.oldestMs;
  }

  insert(delivery: NewDelivery): Promise<InsertOutcome> {
    if (this.commit.depth >= this.maxWaiting)
      return Promise.reject(new EcluseError(UNAVAILABLE, { detail: 'too many inserts wait' }));
    return new Promise((resolve, reject) => {
      // A group that PostgreSQL does not answer must not hold its senders: they are told while it is still under way.
      const timer = setTimeout(() => {
        reject(late());
      }, this.waitMs);
      this.commit
        .submit({ delivery, lateAt: performance.now() + this.waitMs })
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
        });
    });
  }

  async reportConflict({ tenant, source, requestId, ...detail }: DeliveryConflict): Promise<void> {
    const values = [tenant, `source/${source}`, detail, requestId];
    await withTenant(this.dataSource, tenant, (sql) => sql.rows(REPORT, values), {
      unavailable: UNAVAILABLE,
    });
  }

  private async insertGroup(group: readonly Submitted[]): Promise<InsertOutcome[]> {
    const deliveries = group.map(({ delivery }) => delivery);
    try {
      const pool = poolOf(this.dataSource, UNAVAILABLE);
      const earlier = new Map((await insertAll(pool, deliveries)).map((row) => [row.given_id, row]));
      return deliveries.map(({ id }) => outcomeOf(id, earlier.get(id)));
    } catch (error) {
      throw translateError(error, UNAVAILABLE);
    }
  }
}

function outcomeOf(id: string, earlier: AcceptedRow | undefined): InsertOutcome {
  if (earlier === undefined) return { kind: 'inserted', id };
  return { kind: 'duplicate', id: earlier.stored_id, sameBody: earlier.same_body };
}

async function insertAll(pool: Pool, deliveries: readonly NewDelivery[]): Promise<AcceptedRow[]> {
  const tenants = Map.groupBy(deliveries, ({ tenant }) => tenant);
  const [only] = tenants.keys();
  // One statement is a transaction of its own.
  if (tenants.size === 1 && only !== undefined) return accept(pool, only, deliveries);
  const client = await pool.connect();
  try {
    const rows = await acceptInOrder(client, tenants);
    client.release();
    return rows;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Tenants in order, for the same reason as their keys: two doors must not wait for each other in a circle. */
async function acceptInOrder(
  client: PoolClient,
  tenants: ReadonlyMap<string, readonly NewDelivery[]>,
): Promise<AcceptedRow[]> {
  const rows: AcceptedRow[] = [];
  await client.query('BEGIN');
  for (const tenant of [...tenants.keys()].sort())
    rows.push(...(await accept(client, tenant, tenants.get(tenant) ?? [])));
  await client.query('COMMIT');
  return rows;
}

async function accept(
  connection: Pool | PoolClient,
  tenant: string,
  deliveries: readonly NewDelivery[],
): Promise<AcceptedRow[]> {
  const { rows } = await connection.query<AcceptedRow>({
    ...ACCEPT_DELIVERIES,
    values: acceptValues(tenant, deliveries),
  });
  return rows;
}

/** What every insert of the group would meet: PostgreSQL is away, or its disk is full. */
function isShared(error: unknown): boolean {
  return isEcluseError(error, UNAVAILABLE) || isEcluseError(error, 'DISK_FULL');
}

function late(): EcluseError {
  return new EcluseError(UNAVAILABLE, { detail: 'PostgreSQL takes too long' });
}
