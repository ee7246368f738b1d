import type { PoolClient, QueryResult } from 'pg';
import type { CallContext, CallResult, Verdict } from '@ecluse/connector-sdk';
import type { JsonObject, JsonValue } from '@ecluse/contracts';
import { classifySqlError, type Phase } from './classify.js';
import { compileStatement } from './compile-statement.js';
import { bindParameters, initialScope, type Scope } from './parameters.js';
import type { RowExpectation, SqlOperation, SqlStatement } from './sql-spec.js';

type Row = Record<string, JsonValue>;
export interface OperationLimits {
  /** Milliseconds each. */
  statement: number;
  lock: number;
}

/** Runs all statements of an operation in one transaction on a session of its own. Never throws for what the database says. */
export async function runOperation(
  client: PoolClient,
  operation: SqlOperation,
  limits: OperationLimits,
  input: JsonObject,
  context: Pick<CallContext, 'callKey' | 'signal'>,
): Promise<CallResult> {
  let phase: Phase = 'statement';
  try {
    await client.query(beginText(operation, limits));
    const ran = await runStatements(client, operation.statements, initialScope(input, context.callKey));
    if ('verdict' in ran) {
      await client.query('ROLLBACK');
      return ran;
    }
    const output = outputOf(operation, ran);
    if ('verdict' in output) {
      await client.query('ROLLBACK');
      return output;
    }
    phase = 'commit';
    await client.query('COMMIT');
    return { verdict: { outcome: 'ok', reason: null, vendorCode: null }, output: output.value };
  } catch (error) {
    return { verdict: await explain(client, error, phase, operation, context.signal) };
  }
}

async function explain(
  client: PoolClient,
  error: unknown,
  phase: Phase,
  operation: SqlOperation,
  signal: AbortSignal,
): Promise<Verdict> {
  const verdict = classifySqlError(error, phase, operation.effect === 'read' ? 'read' : 'write');
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
function beginText(operation: SqlOperation, limits: OperationLimits): string {
  return [
    operation.effect === 'read' ? 'BEGIN READ ONLY' : 'BEGIN',
    `SET LOCAL statement_timeout = ${limits.statement.toFixed(0)}`,
    `SET LOCAL lock_timeout = ${limits.lock.toFixed(0)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${(limits.statement * 2).toFixed(0)}`,
    // What the tokeniser and the row values rely on, whatever the role's defaults are.
    'SET LOCAL standard_conforming_strings = on',
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL timezone = 'UTC'",
  ].join('; ');
}

interface Ran {
  scope: Scope;
  rowNames: Set<string>;
  last: Row | null;
}

async function runStatements(
  client: PoolClient,
  statements: SqlStatement[],
  scope: Scope,
): Promise<Ran | { verdict: Verdict }> {
  const ran: Ran = { scope: { ...scope }, rowNames: new Set(), last: null };
  for (const statement of statements) {
    const compiled = compileStatement(statement.sql);
    if ('problem' in compiled)
      return { verdict: drift(`A statement is not allowed: ${compiled.problem.message}`) };
    const bound = bindParameters(compiled.statement.parameters, ran.scope, ran.rowNames);
    if ('missing' in bound) return { verdict: drift(`No column for the parameter :${bound.missing.path}`) };
    const result: QueryResult<Row> = await client.query({
      text: compiled.statement.text,
      values: bound.values,
    });
    const count = result.rowCount ?? result.rows.length;
    if (statement.expect !== undefined && !meets(count, statement.expect)) {
      return {
        verdict: { outcome: statement.expect.outcome, reason: statement.expect.reason, vendorCode: null },
      };
    }
    ran.last = result.rows[0] ?? null;
    if (statement.name === undefined) continue;
    ran.scope[statement.name] = ran.last;
    ran.rowNames.add(statement.name);
  }
  return ran;
}

function meets(count: number, { rows }: RowExpectation): boolean {
  if (typeof rows === 'number') return count === rows;
  return count >= (rows.min ?? 0) && count <= (rows.max ?? Infinity);
}

function outputOf(operation: SqlOperation, ran: Ran): { value: JsonValue } | { verdict: Verdict } {
  if (operation.output === undefined) return { value: ran.last };
  const value: Row = {};
  for (const [field, reference] of Object.entries(operation.output)) {
    const [statement = '', column = ''] = reference.slice(1).split('.');
    const row = ran.scope[statement] as Row | null | undefined;
    if (row !== null && row !== undefined && !Object.hasOwn(row, column)) {
      return { verdict: drift(`No column for the output ${reference}`) };
    }
    value[field] = row?.[column] ?? null;
  }
  return { value };
}

function drift(reason: string): Verdict {
  return { outcome: 'contract_drift', reason: `${reason}.`, vendorCode: null };
}
