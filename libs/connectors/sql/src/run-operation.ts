import type { PoolClient, QueryResult } from 'pg';
import type { CallContext, CallResult, Verdict } from '@ecluse/connector-sdk';
import type { JsonObject, JsonValue } from '@ecluse/contracts';
import { compileStatement } from './compile-statement.js';
import { bindParameters, initialScope, type Scope } from './parameters.js';
import type { RowExpectation, SqlOperation, SqlStatement } from './sql-spec.js';
import { inTransaction, type OperationLimits } from './transaction.js';

export type Row = Record<string, JsonValue>;

/** Runs all statements of an operation in one transaction on a session of its own. Never throws for what the database says. */
export async function runOperation(
  client: PoolClient,
  operation: SqlOperation,
  limits: OperationLimits,
  input: JsonObject,
  context: Pick<CallContext, 'callKey' | 'signal'>,
): Promise<CallResult> {
  const done = await inTransaction<JsonValue>(client, operation.effect, limits, context.signal, async () => {
    const ran = await runStatements(client, operation.statements, initialScope(input, context.callKey));
    return 'verdict' in ran ? ran : outputOf(operation, ran);
  });
  return 'verdict' in done ? done : succeeded(done.value);
}

/** The result of a call whose transaction was committed. */
export function succeeded(output: JsonValue): CallResult {
  return { verdict: { outcome: 'ok', reason: null, vendorCode: null }, output };
}

/** How far the statements of a transaction came. */
export interface Ran {
  scope: Scope;
  rowNames: Set<string>;
  /** Rows of the last statement. */
  rows: Row[];
}

/** Runs statements until one fails or has not the rows it should. Throws the driver's errors. */
export async function runStatements(
  client: PoolClient,
  statements: SqlStatement[],
  scope: Scope,
): Promise<Ran | { verdict: Verdict }> {
  const ran: Ran = { scope: { ...scope }, rowNames: new Set(), rows: [] };
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
    ran.rows = result.rows;
    if (statement.name === undefined) continue;
    ran.scope[statement.name] = ran.rows[0] ?? null;
    ran.rowNames.add(statement.name);
  }
  return ran;
}

function meets(count: number, { rows }: RowExpectation): boolean {
  if (typeof rows === 'number') return count === rows;
  return count >= (rows.min ?? 0) && count <= (rows.max ?? Infinity);
}

function outputOf(operation: SqlOperation, ran: Ran): { value: JsonValue } | { verdict: Verdict } {
  if (operation.output === undefined) return { value: ran.rows[0] ?? null };
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

/** The operation as declared and the remote's answer do not fit together. */
export function drift(reason: string): Verdict {
  return { outcome: 'contract_drift', reason: `${reason}.`, vendorCode: null };
}
