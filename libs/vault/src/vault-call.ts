import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { Circuit } from './circuit.js';
import { classifyVaultFailure, toVaultError, type VaultFailureRule } from './vault-failure.js';
import { VaultTransportError } from './vault-transport.js';

const MAX_TRIES = 3;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 2000;
/** All tries and pauses of one call together. */
const BUDGET_MS = 5000;

export interface VaultCall<T> {
  /** Shown in errors. */
  path: string;
  idempotent: boolean;
  signal?: AbortSignal;
  /** Before each try, outside the circuit: gets a token, which may log in through a call of its own. */
  prepare?: () => Promise<void>;
  attempt: () => Promise<T>;
  /** Drops a token that Vault refused; used once. */
  relogin?: () => void;
}
export interface CallSurroundings {
  circuit: Circuit;
  /** Monotonic milliseconds. */
  now: () => number;
  /** 0 to 1. */
  random: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Tries a call up to three times within a budget, with full jitter, as the failure table allows. */
export async function callVault<T>(call: VaultCall<T>, around: CallSurroundings): Promise<T> {
  const startedAt = around.now();
  let relogin = call.relogin;
  for (let tries = 1; ; tries += 1) {
    await call.prepare?.();
    const outcome = await tryOnce(call, around);
    if ('result' in outcome) return outcome.result;
    const rule = classifyVaultFailure(outcome.failure);
    if (rule.repeat === 'relogin' && relogin !== undefined) {
      relogin();
      relogin = undefined;
      continue;
    }
    const pauseMs = pauseBefore(rule, call.idempotent, tries, around);
    if (pauseMs === null || around.now() - startedAt + pauseMs > BUDGET_MS)
      throw toVaultError(call.path, outcome.failure);
    await around.sleep(pauseMs, call.signal).catch(() => {
      throw cancelled(call.path);
    });
  }
}

type Outcome<T> = { result: T } | { failure: VaultTransportError['failure'] };

async function tryOnce<T>(call: VaultCall<T>, around: CallSurroundings): Promise<Outcome<T>> {
  if (!around.circuit.admit()) {
    const detail = `${call.path}: not asked, Vault was away a moment ago`;
    throw new EcluseError('VAULT_UNAVAILABLE', { detail, retryAfterSeconds: 1 });
  }
  try {
    const result = await call.attempt();
    around.circuit.succeeded();
    return { result };
  } catch (error) {
    const failure = error instanceof VaultTransportError ? error.failure : null;
    if (failure === null || call.signal?.aborted === true) {
      around.circuit.abandoned();
      if (failure !== null) throw cancelled(call.path);
      throw isEcluseError(error)
        ? error
        : new EcluseError('VAULT_MISUSED', { detail: `${call.path}: no valid answer` });
    }
    around.circuit.failed(classifyVaultFailure(failure).circuit);
    return { failure };
  }
}

/** Milliseconds before the next try, or null when there is none. */
function pauseBefore(
  rule: VaultFailureRule,
  idempotent: boolean,
  tries: number,
  around: CallSurroundings,
): number | null {
  const allowed = rule.repeat === 'always' || (rule.repeat === 'idempotent' && idempotent);
  if (!allowed || tries >= MAX_TRIES) return null;
  return around.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 4 ** tries);
}

function cancelled(path: string): EcluseError {
  return new EcluseError('VAULT_UNAVAILABLE', { detail: `${path}: call was cancelled` });
}
