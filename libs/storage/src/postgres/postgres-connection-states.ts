import type { DataSource } from 'typeorm';
import type {
  ConnectionStateChange,
  ConnectionStateStore,
  StoredConnectionState,
} from '../connection-states.js';
import {
  NOTIFY_DISPATCHER,
  NOTIFY_HOLDS,
  STATE_COLUMNS,
  toStoredState,
  type StateRow,
} from './connection-state-rows.js';
import { CONNECTIONS_CHANNEL, listenOn, type ListenTimings } from './pg-listener.js';
import { withTenant } from './sql-session.js';

/** Whose hand changed a row that no person changed. */
const ACTOR = 'circuit breaker';

const LOAD = `SELECT ${STATE_COLUMNS} FROM connection_states WHERE tenant = $1`;
const FIND = `${LOAD} AND connection = $2`;
const CREATE = `
INSERT INTO connection_states (tenant, connection, state, reason, failures, openings, open_until, changed_by, held_since)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond', $8, CASE WHEN $3 = 'open' THEN now() END)
ON CONFLICT (tenant, connection) DO NOTHING RETURNING ${STATE_COLUMNS}`;
const CHANGE = `
UPDATE connection_states SET state = $3, reason = $4, failures = $5, openings = $6,
  open_until = now() + $7 * interval '1 millisecond', changed_by = $8, updated_at = now(), row_version = row_version + 1,
  held_since = CASE WHEN $3 = 'closed' THEN NULL ELSE coalesce(held_since, now()) END
WHERE tenant = $1 AND connection = $2 AND row_version = $9 AND state <> 'paused' RETURNING ${STATE_COLUMNS}`;
const NOTIFY = `SELECT ${NOTIFY_HOLDS}`;
const NOTIFY_ALL = `SELECT ${NOTIFY_HOLDS}, ${NOTIFY_DISPATCHER}`;

/** Role `ecluse_worker`. Times are the database's: workers need not agree on theirs. */
export class PostgresConnectionStates implements ConnectionStateStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly timings: ListenTimings = {},
  ) {}

  async load(tenant: string): Promise<StoredConnectionState[]> {
    const rows = await withTenant(this.dataSource, tenant, (sql) => sql.rows<StateRow>(LOAD, [tenant]));
    return rows.map(toStoredState);
  }

  async change(
    tenant: string,
    connection: string,
    change: ConnectionStateChange,
    expected: number,
  ): Promise<{ changed: boolean; stored: StoredConnectionState }> {
    const { state, reason, failures, openings, openForMs } = change;
    const values = [tenant, connection, state, reason, failures, openings, openForMs, ACTOR];
    return withTenant(this.dataSource, tenant, async (sql) => {
      const [written] =
        expected === 0
          ? await sql.rows<StateRow>(CREATE, values)
          : await sql.rows<StateRow>(CHANGE, [...values, expected]);
      if (written !== undefined) {
        await sql.rows(state === 'closed' ? NOTIFY_ALL : NOTIFY);
        return { changed: true, stored: toStoredState(written) };
      }
      const [standing] = await sql.rows<StateRow>(FIND, [tenant, connection]);
      if (standing === undefined) throw new Error('a connection state is never removed');
      return { changed: false, stored: toStoredState(standing) };
    });
  }

  onChange(changed: () => void): Promise<() => Promise<void>> {
    return listenOn(this.dataSource, CONNECTIONS_CHANNEL, changed, this.timings);
  }
}
