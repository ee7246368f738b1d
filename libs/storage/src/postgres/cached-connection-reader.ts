import type { ConnectionReader, StoredConnection } from '../definitions.js';

/** For how long a connection is used without a look at the database. Milliseconds. */
const FRESH_MS = 1_000;

interface Kept {
  found: Promise<StoredConnection | undefined>;
  readAt: number;
}

/**
 * Connections that were read within the last second, so that a worker under load reads each once a second: a change
 * is in use one second later. One that did not change stays the same object, and with it all that was compiled from
 * its spec. Failures are not kept.
 */
export class CachedConnectionReader implements ConnectionReader {
  readonly #kept = new Map<string, Kept>();

  /** @param now Monotonic milliseconds. Default `performance.now`. */
  constructor(
    private readonly reader: ConnectionReader,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async find(tenant: string, name: string): Promise<StoredConnection | undefined> {
    const key = `${tenant}/${name}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.now() - kept.readAt < FRESH_MS) return kept.found;
    const found = this.#read(tenant, name, kept);
    this.#kept.set(key, { found, readAt: this.now() });
    try {
      return await found;
    } catch (error) {
      if (this.#kept.get(key)?.found === found) this.#kept.delete(key);
      throw error;
    }
  }

  async #read(tenant: string, name: string, kept: Kept | undefined): Promise<StoredConnection | undefined> {
    const [read, before] = await Promise.all([
      this.reader.find(tenant, name),
      kept?.found.catch(() => undefined),
    ]);
    return read !== undefined && before?.rowVersion === read.rowVersion ? before : read;
  }
}
