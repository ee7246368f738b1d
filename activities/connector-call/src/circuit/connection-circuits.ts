import type { Verdict } from '@ecluse/connector-sdk';
import type { EcluseError } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import type { ConnectionStateStore } from '@ecluse/storage';
import {
  admit,
  afterCall,
  afterProbe,
  CIRCUIT_DEFAULTS,
  signalOf,
  type Circuit,
  type CircuitSettings,
} from './circuit.js';
import { heldError } from './held-error.js';
import { SharedCircuits, type SharedCircuit } from './shared-circuits.js';

/** Leave to make calls; `release` ends it, and may be called again. */
export interface CircuitPass {
  /** Tells how a call ended. Never throws. */
  report(verdict: Pick<Verdict, 'outcome' | 'reason' | 'retryAfterMs'>): Promise<void>;
  release(): void;
}
/** What observers of the circuits learn; for metrics. */
export interface CircuitObserver {
  held(state: 'open' | 'paused'): void;
  changed(to: 'open' | 'closed'): void;
}
export interface ConnectionCircuitsDeps {
  store: ConnectionStateStore;
  log: Logger;
  observer?: CircuitObserver;
  /** Monotonic milliseconds. Default: the process's clock. */
  now?: () => number;
  random?: () => number;
}

/** While one worker probes, nobody else does; a probe ends well before. Milliseconds. */
const PROBE_HOLD_MS = 20_000;
/** On trial, one waiting run per worker and this time goes ahead; the others follow once its call went well. Milliseconds. */
const TRIAL_PASS_MS = 1_500;
/** How soon to look again at a probe or a trial that somebody else makes. Milliseconds. */
const SOON_MS = 1_000;

/**
 * The circuit breakers of all connections, as one worker sees them. Failures are counted here; that a circuit opened or
 * closed is stored, so that all workers and the dispatcher know. A pause by an operator comes from the store alone.
 */
export class ConnectionCircuits {
  readonly #shared: SharedCircuits;
  readonly #log: Logger;
  readonly #observer: CircuitObserver | undefined;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(
    { store, log, observer, now = () => performance.now(), random = Math.random }: ConnectionCircuitsDeps,
    private readonly settings: CircuitSettings = CIRCUIT_DEFAULTS,
  ) {
    this.#shared = new SharedCircuits(store, log, now);
    this.#log = log;
    this.#observer = observer;
    this.#now = now;
    this.#random = random;
  }

  /** Listens to changes that others make; without it, they are seen within a second all the same. */
  open(): Promise<void> {
    return this.#shared.open();
  }

  close(): Promise<void> {
    return this.#shared.close();
  }

  /**
   * Asks for leave to call, before anything of the call is recorded. Throws CONNECTION_HELD while the connection is
   * paused, its circuit is open, or another call is its trial; STORE_UNAVAILABLE.
   */
  async assertPasses(tenant: string, connection: string): Promise<CircuitPass> {
    const shared = await this.#shared.of(tenant, connection);
    const admission = admit(shared.circuit, this.#now());
    switch (admission.kind) {
      case 'pass':
        return this.#pass(shared, () => undefined);
      case 'trial':
        if (shared.trial !== undefined) throw this.#held(shared, SOON_MS);
        return this.#trial(shared);
      case 'probe':
        throw this.#held(shared, 0);
      case 'held':
        throw this.#held(shared, admission.forMs);
    }
  }

  /**
   * For a run that waits: resolves when it may ask again to call. Once the circuit has been open for long enough, one
   * of those who wait looks at the remote with `probe`, which costs no attempt. Throws CONNECTION_HELD with the time
   * to wait; what `probe` throws, when it could not look.
   */
  async awaitTurn(
    tenant: string,
    connection: string,
    probe: () => Promise<Pick<Verdict, 'outcome' | 'reason' | 'retryAfterMs'>>,
  ): Promise<void> {
    const shared = await this.#shared.of(tenant, connection);
    const admission = admit(shared.circuit, this.#now());
    if (admission.kind === 'held') throw this.#held(shared, admission.forMs);
    if (admission.kind === 'probe') await this.#probe(shared, probe);
    if (admit(shared.circuit, this.#now()).kind !== 'trial') return;
    if (this.#now() < shared.nextTrialAt) throw this.#held(shared, SOON_MS);
    shared.nextTrialAt = this.#now() + TRIAL_PASS_MS;
  }

  async #probe(shared: SharedCircuit, probe: Parameters<ConnectionCircuits['awaitTurn']>[2]): Promise<void> {
    const { circuit } = shared;
    if (circuit.state !== 'open' || shared.probing) throw this.#held(shared, SOON_MS);
    shared.probing = true;
    try {
      const claimed = await this.#shared.claim(shared, {
        ...circuit,
        until: this.#now() + PROBE_HOLD_MS,
      });
      if (!claimed) throw this.#held(shared, SOON_MS);
      await this.#settleProbe(shared, circuit, signalOf(await this.#look(shared, circuit, probe)));
    } finally {
      shared.probing = false;
    }
    const admission = admit(shared.circuit, this.#now());
    if (admission.kind === 'held') throw this.#held(shared, admission.forMs);
  }

  /** A probe that could not be made frees its claim: somebody else may look soon. */
  async #look<T>(
    shared: SharedCircuit,
    circuit: Extract<Circuit, { state: 'open' }>,
    probe: () => Promise<T>,
  ): Promise<T> {
    try {
      return await probe();
    } catch (error) {
      await this.#shared.change(shared, { ...circuit, until: this.#now() + SOON_MS });
      throw error;
    }
  }

  async #settleProbe(
    shared: SharedCircuit,
    circuit: Extract<Circuit, { state: 'open' }>,
    signal: ReturnType<typeof signalOf>,
  ): Promise<void> {
    const next = afterProbe(circuit, signal, this.#now(), this.#random(), this.settings);
    await this.#shared.change(shared, next);
    this.#log.info('connection probed', { ...this.#fields(shared), state: next.state });
  }

  #trial(shared: SharedCircuit): CircuitPass {
    const ticket = {};
    shared.trial = ticket;
    return this.#pass(shared, () => {
      if (shared.trial === ticket) shared.trial = undefined;
    });
  }

  #pass(shared: SharedCircuit, release: () => void): CircuitPass {
    const { generation } = shared;
    return {
      report: async (verdict) => {
        const signal = signalOf(verdict);
        // A call from before the last change says nothing about now, unless the remote asks for time.
        const late = shared.generation !== generation;
        if (late && (signal.kind !== 'fails' || signal.retryAfterMs === undefined)) return;
        const before = shared.circuit;
        const next = afterCall(before, signal, this.#now(), this.#random(), this.settings);
        if (next === before) return;
        if (isLocal(before, next)) shared.circuit = next;
        else await this.#transition(shared, next);
      },
      release,
    };
  }

  async #transition(shared: SharedCircuit, next: Circuit): Promise<void> {
    const changed = await this.#shared.change(shared, next);
    if (!changed || next.state === 'paused') return;
    this.#observer?.changed(next.state);
    const fields = { ...this.#fields(shared), state: next.state };
    if (next.state === 'closed') this.#log.info('connection works again', fields);
    else this.#log.warn('connection is held back', { ...fields, reason: next.reason, count: next.failures });
  }

  #held(shared: SharedCircuit, forMs: number | null): EcluseError {
    const { circuit } = shared;
    this.#observer?.held(circuit.state === 'paused' ? 'paused' : 'open');
    return heldError(shared.connection, circuit, forMs, this.#random());
  }

  #fields({ tenant, connection }: SharedCircuit): { tenant: string; connection: string } {
    return { tenant, connection };
  }
}

/** Counting failures is nobody else's business. */
function isLocal(before: Circuit, next: Circuit): boolean {
  return before.state === 'closed' && next.state === 'closed' && before.openings === next.openings;
}
