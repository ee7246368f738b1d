import { EcluseError } from '@ecluse/errors';
import type { ConnectionStateChange, ConnectionStateStore, StoredConnectionState } from '@ecluse/storage';

/** The states of the connections of one tenant, kept in memory, with the clock of a spec. */
export class MemoryConnectionStates implements ConnectionStateStore {
  readonly #rows = new Map<string, Omit<StoredConnectionState, 'openForMs'> & { until: number }>();
  readonly #listeners = new Set<() => void>();
  /** Writes made. */
  writes = 0;
  /** Reads made. */
  reads = 0;
  away = false;

  constructor(private readonly now: () => number) {}

  /** As an operator does it. */
  put(connection: string, state: 'closed' | 'paused', reason: string | null = null): void {
    const version = (this.#rows.get(connection)?.version ?? 0) + 1;
    this.#rows.set(connection, { connection, state, reason, failures: 0, openings: 0, until: 0, version });
    this.#notify();
  }

  load(): Promise<StoredConnectionState[]> {
    this.#assertThere();
    this.reads += 1;
    return Promise.resolve([...this.#rows.keys()].map((connection) => this.#stored(connection)));
  }

  change(
    _tenant: string,
    connection: string,
    change: ConnectionStateChange,
    expected: number,
  ): Promise<{ changed: boolean; stored: StoredConnectionState }> {
    this.#assertThere();
    const known = this.#rows.get(connection);
    if ((known?.version ?? 0) !== expected || known?.state === 'paused')
      return Promise.resolve({ changed: false, stored: this.#stored(connection) });
    const { openForMs, ...rest } = change;
    this.#rows.set(connection, {
      ...rest,
      connection,
      until: this.now() + openForMs,
      version: expected + 1,
    });
    this.writes += 1;
    this.#notify();
    return Promise.resolve({ changed: true, stored: this.#stored(connection) });
  }

  onChange(changed: () => void): Promise<() => Promise<void>> {
    this.#listeners.add(changed);
    return Promise.resolve(() => {
      this.#listeners.delete(changed);
      return Promise.resolve();
    });
  }

  #stored(connection: string): StoredConnectionState {
    const row = this.#rows.get(connection);
    if (row === undefined) throw new Error(`nothing is stored of ${connection}`);
    const { until, ...rest } = row;
    return { ...rest, openForMs: Math.max(0, until - this.now()) };
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #assertThere(): void {
    if (this.away) throw new EcluseError('STORE_UNAVAILABLE');
  }
}
