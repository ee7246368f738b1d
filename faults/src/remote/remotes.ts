import { admitOnly, inSession, withDatabase } from '@ecluse/local-stack';
import { Pool } from 'pg';
import { REMOTE_SCHEMA } from './remote-schema.js';

/** `crm` and `erp` honour idempotency keys; `notes` knows none. */
export type RemoteName = 'crm' | 'erp' | 'notes';

/** One committed call, as the remote saw it. */
export interface Commit {
  readonly remote: RemoteName;
  /** The product's idempotency key. */
  readonly callKey: string;
  /** Id of the sender's message. */
  readonly businessId: string;
  readonly orderKey: string;
  readonly seq: number;
  /** The key was known: nothing was done again. */
  readonly absorbed: boolean;
  /** The database user that Vault issued. */
  readonly user: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

/** How a remote behaves until the next change. */
export interface Behaviour {
  /** SQLSTATE that calls fail with; none: they succeed. */
  readonly sqlstate?: string;
  /** Share of the calls that fail, 0 to 1. Default 1. */
  readonly share?: number;
  /** How long a call takes. Default 0.3. */
  readonly seconds?: number;
}

const DATABASE = 'remotes';

/** The recording remotes: a database of their own, which the product enters with users leased from Vault. */
export class Remotes {
  private constructor(private readonly pool: Pool) {}

  /** Makes the database on the first call. */
  static async open(superuserUrl: string): Promise<Remotes> {
    const made = await inSession(superuserUrl, async (client) => {
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount !== 0) return false;
      await client.query(`CREATE DATABASE ${DATABASE}`);
      await admitOnly(client, DATABASE, ['erp_rw']);
      return true;
    });
    const url = withDatabase(superuserUrl, DATABASE);
    if (made) await inSession(url, (client) => client.query(REMOTE_SCHEMA));
    const pool = new Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 5_000 });
    pool.on('error', () => undefined); // PostgreSQL is killed under it; the next query connects again
    return new Remotes(pool);
  }

  async behave(remote: RemoteName, behaviour: Behaviour = {}): Promise<void> {
    const { sqlstate = null, share = 1, seconds = 0.3 } = behaviour;
    await this.pool.query('UPDATE switches SET sqlstate = $2, share = $3, seconds = $4 WHERE remote = $1', [
      remote,
      sqlstate,
      share,
      seconds,
    ]);
  }

  /** Every commit for messages whose id begins with `prefix`, in the order of the log. */
  async commits(prefix: string): Promise<Commit[]> {
    const { rows } = await this.pool.query<Commit & { seq: string; at: string }>(
      `SELECT remote, call_key AS "callKey", business_id AS "businessId", order_key AS "orderKey", seq::text, absorbed, backend_user AS "user",
              (extract(epoch FROM at) * 1000)::float8 AS at
       FROM commits WHERE starts_with(business_id, $1) ORDER BY position`,
      [prefix],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq), at: Number(row.at) }));
  }

  /** Calls that the switches made fail, since the database was made. */
  async refused(remote: RemoteName): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(
      `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS count FROM refused_${remote}`,
    );
    return Number(rows[0]?.count ?? 0);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
