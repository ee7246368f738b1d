import { Pool, type PoolClient } from 'pg';
import type { ConnectorCredential } from '@ecluse/connector-sdk';
import { DEFAULT_MAX_CONNECTIONS, type SqlConfig } from './sql-spec.js';
import { ROW_TYPES } from './row-values.js';
import { tlsOptions } from './tls.js';

/** Longest wait for a session: connecting, logging in, or one of the pool becoming free. Milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A session unused for this long is closed, so that a credential's last session ends soon after its last use. */
const IDLE_TIMEOUT_MS = 10_000;

interface PoolEntry {
  pool: Pool;
  username: string;
  scope: string;
}

/** Sessions by connection and user. A user that Vault replaced is drained and forgotten with its password. */
export class SessionPools {
  readonly #entries = new Map<string, PoolEntry>();

  /** A session of this user. Rejects with the driver's error. */
  async connect(scope: string, config: SqlConfig, credential: ConnectorCredential): Promise<PoolClient> {
    const key = JSON.stringify([scope, config, credential.username]);
    const entry = this.#entries.get(key) ?? this.#open(key, scope, config, credential);
    return entry.pool.connect();
  }

  #open(key: string, scope: string, config: SqlConfig, credential: ConnectorCredential): PoolEntry {
    const pool = new Pool({
      host: config.host,
      port: config.port ?? 5432,
      database: config.database,
      user: credential.username,
      password: credential.password,
      ssl: tlsOptions(config),
      max: config.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      allowExitOnIdle: true,
      application_name: 'ecluse-worker',
      types: ROW_TYPES,
    });
    // An idle session that the server ends leaves the pool by itself; the next call sees what happened.
    pool.on('error', () => undefined);
    for (const [otherKey, other] of this.#entries)
      if (other.scope === scope) void this.#drain(otherKey, other);
    const entry = { pool, username: credential.username, scope };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Ends all sessions of a user; those in use end when they are given back. */
  async retire(username?: string): Promise<void> {
    const entries = [...this.#entries].filter(
      ([, entry]) => username === undefined || entry.username === username,
    );
    await Promise.all(entries.map(([key, entry]) => this.#drain(key, entry)));
  }

  async #drain(key: string, entry: PoolEntry): Promise<void> {
    this.#entries.delete(key);
    await entry.pool.end();
  }
}
