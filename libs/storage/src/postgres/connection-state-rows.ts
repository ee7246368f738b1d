import type { CircuitState } from '@ecluse/contracts';
import type { StoredConnectionState } from '../connection-states.js';
import { CONNECTIONS_CHANNEL, INBOX_CHANNEL } from './pg-listener.js';

/** Tells workers that states of connections changed. */
export const NOTIFY_HOLDS = `pg_notify('${CONNECTIONS_CHANNEL}', '')`;
/** The dispatcher looks at its queues again: work of the connection may be started. */
export const NOTIFY_DISPATCHER = `pg_notify('${INBOX_CHANNEL}', '')`;

/** Columns of `connection_states`, as `StateRow` describes them. */
export const STATE_COLUMNS = `connection, state, reason, failures, openings, row_version,
  CASE WHEN state = 'open' THEN greatest(0, ceil(extract(epoch FROM open_until - now()) * 1000)) ELSE 0 END::float8
    AS open_for_ms`;

export interface StateRow {
  connection: string;
  state: CircuitState;
  reason: string | null;
  failures: number;
  openings: number;
  row_version: number;
  open_for_ms: number;
}

export function toStoredState(row: StateRow): StoredConnectionState {
  const { connection, state, reason, failures, openings } = row;
  return {
    connection,
    state,
    reason,
    failures,
    openings,
    openForMs: row.open_for_ms,
    version: row.row_version,
  };
}
