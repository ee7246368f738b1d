import type { OutcomeClass } from '@ecluse/contracts';

/** Times in milliseconds. */
export interface CircuitSettings {
  /** Failures in a row that open the circuit at once. Default 10, at most 20. */
  threshold: number;
  /** As many open it when they go back at least `lastingMs`: few runs fail slowly, and their attempts are few. Default 5. */
  lastingThreshold: number;
  /** Default 10 s. */
  lastingMs: number;
  /** How long it stays open for the first time; doubles with each opening. Default 1 s. */
  firstOpenMs: number;
  /** Default 30 s. */
  longestOpenMs: number;
  /** A remote may ask for more; nobody waits longer than this without asking again. Default 24 h. */
  longestRetryAfterMs: number;
}
export const CIRCUIT_DEFAULTS: CircuitSettings = {
  threshold: 10,
  lastingThreshold: 5,
  lastingMs: 10_000,
  firstOpenMs: 1_000,
  longestOpenMs: 30_000,
  longestRetryAfterMs: 86_400_000,
};

/** Times are monotonic milliseconds of this process. */
export type Circuit =
  | {
      state: 'closed';
      /** In a row. */
      failures: number;
      /** Time of the first of them; null when there is none. */
      failingSince: number | null;
      /** Over 0: a probe went well, and the circuit is on trial until a call does too. */
      openings: number;
    }
  | {
      state: 'open';
      /** No call before; from then on one probe decides. */
      until: number;
      reason: string | null;
      failures: number;
      openings: number;
    }
  | { state: 'paused'; reason: string | null };

export const CLOSED: Extract<Circuit, { state: 'closed' }> = {
  state: 'closed',
  failures: 0,
  failingSince: null,
  openings: 0,
};

/** What one call tells about the remote. */
export type Signal =
  | { kind: 'works' }
  | { kind: 'fails'; reason: string | null; retryAfterMs?: number }
  /** It says nothing about the remote as a whole. */
  | { kind: 'silent' };

/** Outcomes that may mean that the remote is down or overloaded. */
const FAILING = new Set<OutcomeClass>(['transient', 'throttled', 'ambiguous']);
/** The remote may well be there; the credential is at fault. */
const SILENT = new Set<OutcomeClass>(['auth_stale', 'auth_revoked']);

/** A remote that refuses a call is a remote that works. */
export function signalOf(verdict: {
  outcome: OutcomeClass;
  reason: string | null;
  retryAfterMs?: number;
}): Signal {
  const { outcome, reason, retryAfterMs } = verdict;
  if (FAILING.has(outcome))
    return { kind: 'fails', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return { kind: SILENT.has(outcome) ? 'silent' : 'works' };
}

/**
 * What may happen at `now`. `pass`: call; `trial`: call, but only one at a time; `probe`: look at the remote first, one
 * at a time; `held`: nothing.
 */
export type Admission =
  { kind: 'pass' } | { kind: 'trial' } | { kind: 'probe' } | { kind: 'held'; forMs: number | null };

export function admit(circuit: Circuit, now: number): Admission {
  if (circuit.state === 'paused') return { kind: 'held', forMs: null };
  if (circuit.state === 'closed') return { kind: circuit.openings > 0 ? 'trial' : 'pass' };
  return circuit.until > now ? { kind: 'held', forMs: circuit.until - now } : { kind: 'probe' };
}

/**
 * The circuit after a call that was let through. The same object when nothing changes that others have to know.
 * @param random From 0 to 1: circuits that opened together do not probe together.
 */
export function afterCall(
  circuit: Circuit,
  signal: Signal,
  now: number,
  random: number,
  settings: CircuitSettings = CIRCUIT_DEFAULTS,
): Circuit {
  if (circuit.state === 'paused' || signal.kind === 'silent') return circuit;
  if (circuit.state === 'open') return afterLateCall(circuit, signal, now, settings);
  if (signal.kind === 'works') return circuit.failures === 0 && circuit.openings === 0 ? circuit : CLOSED;
  const failures = circuit.failures + 1;
  const failingSince = circuit.failingSince ?? now;
  const lasting = failures >= settings.lastingThreshold && now - failingSince >= settings.lastingMs;
  if (
    signal.retryAfterMs !== undefined ||
    circuit.openings > 0 ||
    failures >= settings.threshold ||
    lasting
  ) {
    return opened({ failures, openings: circuit.openings }, signal, now, random, settings);
  }
  return { ...circuit, failures, failingSince };
}

/** A call that was under way when the circuit opened: only a longer pause asked for by the remote matters. */
function afterLateCall(
  circuit: Extract<Circuit, { state: 'open' }>,
  signal: Signal,
  now: number,
  settings: CircuitSettings,
): Circuit {
  if (signal.kind !== 'fails' || signal.retryAfterMs === undefined) return circuit;
  const until = now + Math.min(signal.retryAfterMs, settings.longestRetryAfterMs);
  return until > circuit.until ? { ...circuit, until, reason: signal.reason } : circuit;
}

/** The circuit after a probe, which only an open circuit makes. */
export function afterProbe(
  circuit: Extract<Circuit, { state: 'open' }>,
  signal: Signal,
  now: number,
  random: number,
  settings: CircuitSettings = CIRCUIT_DEFAULTS,
): Circuit {
  if (signal.kind === 'fails') return opened(circuit, signal, now, random, settings);
  return { ...CLOSED, openings: circuit.openings };
}

function opened(
  { failures, openings }: { failures: number; openings: number },
  { reason, retryAfterMs }: Extract<Signal, { kind: 'fails' }>,
  now: number,
  random: number,
  settings: CircuitSettings,
): Circuit {
  const growing = Math.min(settings.firstOpenMs * 2 ** Math.min(openings, 30), settings.longestOpenMs);
  const asked = Math.min(retryAfterMs ?? 0, settings.longestRetryAfterMs);
  // Jitter only lengthens: a pause that the remote asked for is a lower bound.
  const openMs = Math.max(growing, asked) * (1 + random / 4);
  return { state: 'open', until: now + openMs, reason, failures, openings: openings + 1 };
}
