import { setTimeout as pause } from 'node:timers/promises';
import { isPlatformAway } from '@ecluse/activity-failure';
import type { CallResult } from '@ecluse/connector-sdk';
import type { CallInput, EffectState, JsonValue } from '@ecluse/contracts';
import { outcomePolicy } from '@ecluse/flow-model';
import type { EffectKey } from '@ecluse/storage';
import { CallRefused } from './call-refused.js';
import type { ConnectorCallDeps } from './connector-call-deps.js';

type LedgerDeps = Pick<ConnectorCallDeps, 'ledger' | 'outputs'>;

/** The write that a step is about to make, as the ledger knows it. */
export interface Effect {
  key: EffectKey;
  /** Set when the write is known to have happened: the step gets its output, the remote is left alone. */
  confirmed?: { output: JsonValue };
}

/**
 * Records the intention. An earlier attempt that never told its outcome leaves doubt: a repeatable write is simply
 * made again, any other is parked as CALL_AMBIGUOUS for a person to look at the remote.
 */
export async function beginEffect(
  deps: LedgerDeps,
  { run, stepId, call }: CallInput,
  idempotencyKey: string,
  repeatable: boolean,
): Promise<Effect> {
  const key = { tenant: run.tenant, idempotencyKey };
  const { connection, operation } = call;
  const known = await deps.ledger.intend(key, { run, stepId, connection, operation });
  if (known.state === 'confirmed') {
    return {
      key,
      confirmed: { output: known.output === null ? null : await deps.outputs.open(key, known.output) },
    };
  }
  if (repeatable || !(known.state === 'unknown' || known.again)) return { key };
  const reason =
    'An earlier attempt of this write ended without an answer, and the operation has no idempotency strategy.';
  if (known.state !== 'unknown') await deps.ledger.settle(key, { state: 'unknown', output: null, reason });
  throw new CallRefused({ outcome: 'ambiguous', reason, vendorCode: null }, 'CALL_AMBIGUOUS');
}

/** Pauses between tries to settle, milliseconds. */
const SETTLE_PAUSES_MS = [100, 300, 1_000, 2_500, 5_000];

/**
 * Records the outcome. The remote has been called, so a short outage of store or Vault is worth waiting out here.
 * @param alongside What else is recorded of the attempt: idempotent, and begun in the same turn, so that it shares the
 * transaction.
 */
export async function settleEffect(
  deps: LedgerDeps,
  effect: Effect | null,
  result: CallResult,
  repeatable: boolean,
  alongside: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (effect === null) return alongside();
  const state = settledState(outcomePolicy(result.verdict.outcome, repeatable).effect);
  for (const pauseMs of [...SETTLE_PAUSES_MS, null]) {
    try {
      const output = 'output' in result ? await deps.outputs.seal(effect.key, result.output) : null;
      const settled = deps.ledger.settle(effect.key, { state, output, reason: result.verdict.reason });
      await Promise.all([settled, alongside()]);
      return;
    } catch (error) {
      if (pauseMs === null || !isPlatformAway(error)) throw error;
      await pause(pauseMs);
    }
  }
}

/** `intended` after an answered call means that the remote did nothing; saying so keeps the next attempt free of doubt. */
function settledState(state: EffectState): Exclude<EffectState, 'intended'> {
  return state === 'intended' ? 'refused' : state;
}
