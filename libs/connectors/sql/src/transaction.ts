import type { PoolClient } from 'pg';
import type { Verdict } from '@ecluse/connector-sdk';
import { classifySqlError, type Phase } from './classify.js';
import type { SqlOperation } from './sql-spec.js';

export interface OperationLimits {
  /** Milliseconds each. */
  statement: number;
  lock: number;
}

/**
 * Runs `work` in one transaction: committed when it gives a value, rolled back when it gives a verdict. Never throws for
 * what the database says.
 */
export async function inTransaction<T>(
  client: PoolClient,
  effect: SqlOperation['effect'],
  limits: OperationLimits,
  signal: AbortSignal,
  work: () => Promise<{ value: T } | { verdict: Verdict }>,
): Promise<{ value: T } | { verdict: Verdict }> {
  let phase: Phase = 'statement';
  try {
    await client.query(beginText(effect, limits));
    const done = await work();
    if ('verdict' in done) {
      await client.query('ROLLBACK');
      return done;
    }
    phase = 'commit';
    await client.query('COMMIT');
    return done;
  } catch (error) {
    return { verdict: await explain(client, error, phase, effect, signal) };
  }
}

async function explain(
  client: PoolClient,
  error: unknown,
  phase: Phase,
  effect: SqlOperation['effect'],
  signal: AbortSignal,
): Promise<Verdict> {
  const verdict = classifySqlError(error, phase, effect === 'read' ? 'read' : 'write');
  if (signal.aborted) {
    const reason = 'The attempt ran out of time or was cancelled';
    return verdict.outcome === 'ambiguous'
      ? { ...verdict, reason: `${reason} while the transaction was being committed.` }
      : { outcome: 'transient', reason: `${reason}; the transaction was rolled back.`, vendorCode: null };
  }
  // A broken session has nothing left to roll back.
  await client.query('ROLLBACK').catch(() => undefined);
  return verdict;
}

/** Numbers come from the validated spec; everything else is fixed text. */
function beginText(effect: SqlOperation['effect'], limits: OperationLimits): string {
  return [
    effect === 'read' ? 'BEGIN READ ONLY' : 'BEGIN',
    `SET LOCAL statement_timeout = ${limits.statement.toFixed(0)}`,
    `SET LOCAL lock_timeout = ${limits.lock.toFixed(0)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${(limits.statement * 2).toFixed(0)}`,
    // What the tokeniser and the row values rely on, whatever the role's defaults are.
    'SET LOCAL standard_conforming_strings = on',
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL timezone = 'UTC'",
  ].join('; ');
}
