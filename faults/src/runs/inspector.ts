import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'pg';
import type { FaultStack } from '../stack/fault-stack.js';
import type { DeliveryRecord } from './run-record.js';

/** What may appear nowhere, by name. */
export type Canaries = ReadonlyMap<string, string>;

const DELIVERIES = `
SELECT i.id, i.delivery_key AS key, i.state,
  coalesce((SELECT jsonb_agg(jsonb_build_object('flow', r.flow, 'replayNo', r.replay_no, 'state', r.state, 'triggered', r.triggered))
            FROM runs r WHERE r.delivery_id = i.id), '[]') AS runs,
  coalesce((SELECT jsonb_agg(jsonb_build_object('code', d.code, 'outcome', d.outcome))
            FROM dead_letters d WHERE d.delivery_id = i.id AND d.state = 'open'), '[]') AS "deadLetters"
FROM inbox i WHERE starts_with(i.source, 'faults-') AND starts_with(i.delivery_key, $1)`;
const UNFINISHED = `
SELECT count(*)::int AS count FROM inbox
WHERE starts_with(source, 'faults-') AND starts_with(delivery_key, $1) AND state NOT IN ('succeeded', 'dead_letter', 'discarded')`;
const CHUNK_BYTES = 4 << 20;

/** Reads the product's records as the owner of its database, and its files as root of the machine would. */
export class Inspector {
  private constructor(
    private readonly stack: FaultStack,
    private readonly pool: Pool,
  ) {}

  static async open(stack: FaultStack): Promise<Inspector> {
    const connectionString = await stack.secret('owner-database-url');
    const pool = new Pool({ connectionString, max: 2, connectionTimeoutMillis: 5_000 });
    pool.on('error', () => undefined); // PostgreSQL is killed under it; the next query connects again
    return new Inspector(stack, pool);
  }

  /** Deliveries whose key begins with `prefix`. */
  async deliveries(prefix: string): Promise<DeliveryRecord[]> {
    return (await this.pool.query<DeliveryRecord>(DELIVERIES, [prefix])).rows;
  }

  /** How many of them are not in a final state. */
  async unfinished(prefix: string): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>(UNFINISHED, [prefix]);
    return rows[0]?.count ?? 0;
  }

  /** One value of the product's database. */
  async value<T>(sql: string, parameters: readonly unknown[] = []): Promise<T | undefined> {
    const { rows } = await this.pool.query<{ value: T }>(sql, [...parameters]);
    return rows[0]?.value;
  }

  /** Where canaries lie: in the logs, in Temporal's files, or in the files of Ecluse's database. */
  async leaks(canaries: Canaries): Promise<string[]> {
    const { home } = this.stack;
    const oid = await this.value<string>(
      'SELECT oid::text AS value FROM pg_database WHERE datname = current_database()',
    );
    await this.pool.query('CHECKPOINT').catch(() => undefined); // the owner may not; then the last pages are in the log of changes only
    const folders = [home.logs, home.temporal, join(home.postgres, 'data', 'base', oid ?? 'none')];
    const found: string[] = [];
    for (const folder of folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        for (const what of await search(join(folder, name), canaries)) found.push(`${name}: ${what}`);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** Names of the canaries in a file, read in overlapping pieces. A file that is gone holds none. */
async function search(path: string, canaries: Canaries): Promise<string[]> {
  const needles = [...canaries].map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length));
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return [];
  const found = new Set<string>();
  const chunk = Buffer.alloc(CHUNK_BYTES + overlap);
  try {
    for (let position = 0; ; position += CHUNK_BYTES) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      const read = chunk.subarray(0, bytesRead);
      for (const { name, bytes } of needles) if (read.includes(bytes)) found.add(name);
      if (bytesRead < chunk.length) return [...found];
    }
  } finally {
    await file.close();
  }
}
