import type { CircuitState, RunRef } from '@ecluse/contracts';

/** What all workers know of one connection. One that has no row is closed and was never held. */
export interface StoredConnectionState {
  connection: string;
  state: CircuitState;
  /** For operators: the last failure, or why a person paused it. */
  reason: string | null;
  /** Failures in a row that opened it. */
  failures: number;
  /** How often it opened since a call last succeeded; 0 when nothing is wrong. */
  openings: number;
  /** Milliseconds from now until a probe may be made; 0 when that time has come, and when it is not open. */
  openForMs: number;
  /** 0: there is no row. */
  version: number;
}
/** A state that a worker wants, by its circuit breaker. */
export type ConnectionStateChange = Omit<StoredConnectionState, 'connection' | 'version' | 'state'> & {
  state: 'closed' | 'open';
};

/** The worker's view of the states of connections, shared by all workers. Throws STORE_UNAVAILABLE. */
export interface ConnectionStateStore {
  /** Every connection of the tenant that has a row. */
  load(tenant: string): Promise<StoredConnectionState[]>;
  /**
   * Writes the state if the row is still in version `expected` (0: there is none) and nobody paused the connection, and
   * tells the other workers and the dispatcher. Answers the row as it then stands; its version tells whose it is.
   */
  change(
    tenant: string,
    connection: string,
    change: ConnectionStateChange,
    expected: number,
  ): Promise<{ changed: boolean; stored: StoredConnectionState }>;
  /** Calls back when any state changed; resolves to a stop function. */
  onChange(changed: () => void): Promise<() => Promise<void>>;
}

/** Shows operators what a run waits for. */
export interface RunWaits {
  /** For operators; null when it no longer waits. Does nothing to a run that has ended. */
  waitFor(run: Pick<RunRef, 'tenant' | 'runId'>, reason: string | null): Promise<void>;
}
