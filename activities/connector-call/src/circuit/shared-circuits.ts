import type { Logger } from '@ecluse/observability';
import type { ConnectionStateStore, StoredConnectionState } from '@ecluse/storage';
import { CLOSED, type Circuit } from './circuit.js';

/** One connection's circuit in this worker. */
export interface SharedCircuit {
  readonly tenant: string;
  readonly connection: string;
  circuit: Circuit;
  /** Of the stored row that the circuit continues; 0: there is none. */
  version: number;
  /** Grows with each change, whoever made it. */
  generation: number;
  /** The one call that is under way while the circuit is on trial. */
  trial: object | undefined;
  /** While on trial: when the next waiting run may go ahead. */
  nextTrialAt: number;
  probing: boolean;
  /** Ends with the last write under way; never rejects. */
  written: Promise<unknown>;
}

/** How old a view of the stored states may be. Milliseconds. */
const FRESH_MS = 1_000;

/** Keeps the circuits of a worker in step with the stored states: read at most once a second and tenant, written on change. */
export class SharedCircuits {
  readonly #circuits = new Map<string, SharedCircuit>();
  readonly #views = new Map<string, { since: number; loaded: Promise<void> }>();
  #stopListening: (() => Promise<void>) | undefined;

  constructor(
    private readonly store: ConnectionStateStore,
    private readonly log: Logger,
    private readonly now: () => number,
  ) {}

  async open(): Promise<void> {
    this.#stopListening = await this.store.onChange(() => {
      this.#views.clear();
    });
  }

  async close(): Promise<void> {
    await this.#stopListening?.();
  }

  /** Throws STORE_UNAVAILABLE. */
  async of(tenant: string, connection: string): Promise<SharedCircuit> {
    await this.#view(tenant);
    return this.#circuit(tenant, connection);
  }

  /** Writes `next` if nobody wrote since; false when somebody did, whose state then holds. Throws STORE_UNAVAILABLE. */
  async claim(shared: SharedCircuit, next: Extract<Circuit, { state: 'open' }>): Promise<boolean> {
    await shared.written;
    const { changed, stored } = await this.#write(shared, next);
    if (changed) this.#set(shared, next, stored.version);
    else this.#adopt(shared, stored);
    return changed;
  }

  /** Takes `next` at once and writes it; without the store it holds in this worker. False when somebody was faster. */
  change(shared: SharedCircuit, next: Circuit): Promise<boolean> {
    this.#set(shared, next, shared.version);
    // One after the other: each write continues the version that the one before made.
    const written = shared.written.then(() => this.#writeLatest(shared));
    shared.written = written;
    return written;
  }

  async #writeLatest(shared: SharedCircuit): Promise<boolean> {
    const { circuit } = shared;
    if (circuit.state === 'paused') return false;
    try {
      const { changed, stored } = await this.#write(shared, circuit);
      if (changed) shared.version = stored.version;
      else this.#adopt(shared, stored);
      return changed;
    } catch (error) {
      this.log.warn('state of a connection could not be stored', { connection: shared.connection, error });
      return true;
    }
  }

  #write(
    shared: SharedCircuit,
    next: Exclude<Circuit, { state: 'paused' }>,
  ): ReturnType<ConnectionStateStore['change']> {
    const { state, failures, openings } = next;
    const open = next.state === 'open';
    const change = {
      state,
      reason: open ? next.reason : null,
      failures,
      openings,
      openForMs: open ? Math.max(0, Math.round(next.until - this.now())) : 0,
    };
    return this.store.change(shared.tenant, shared.connection, change, shared.version);
  }

  async #view(tenant: string): Promise<void> {
    const view = this.#views.get(tenant);
    if (view !== undefined && this.now() - view.since < FRESH_MS) return view.loaded;
    const fresh = { since: this.now(), loaded: this.#load(tenant) };
    this.#views.set(tenant, fresh);
    try {
      await fresh.loaded;
    } catch (error) {
      if (this.#views.get(tenant) === fresh) this.#views.delete(tenant);
      throw error;
    }
  }

  async #load(tenant: string): Promise<void> {
    for (const stored of await this.store.load(tenant))
      this.#adopt(this.#circuit(tenant, stored.connection), stored);
  }

  #circuit(tenant: string, connection: string): SharedCircuit {
    const key = `${tenant}/${connection}`;
    const known = this.#circuits.get(key);
    if (known !== undefined) return known;
    const fresh: SharedCircuit = {
      tenant,
      connection,
      circuit: CLOSED,
      version: 0,
      generation: 0,
      trial: undefined,
      nextTrialAt: 0,
      probing: false,
      written: Promise.resolve(),
    };
    this.#circuits.set(key, fresh);
    return fresh;
  }

  /** Versions only grow: an answer that was overtaken by a newer one changes nothing. */
  #adopt(shared: SharedCircuit, stored: StoredConnectionState): void {
    if (stored.version > shared.version) this.#set(shared, toCircuit(stored, this.now()), stored.version);
  }

  #set(shared: SharedCircuit, circuit: Circuit, version: number): void {
    shared.circuit = circuit;
    shared.version = version;
    shared.generation += 1;
  }
}

function toCircuit(stored: StoredConnectionState, now: number): Circuit {
  const { state, reason, failures, openings } = stored;
  switch (state) {
    case 'paused':
      return { state, reason };
    case 'open':
      return { state, reason, failures, openings, until: now + stored.openForMs };
    case 'closed':
      return { ...CLOSED, openings };
  }
}
