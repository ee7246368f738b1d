import type { EffectKind, Idempotency } from '@ecluse/connector-sdk';
import type { JsonObject, OutcomeClass } from '@ecluse/contracts';

/** Spec of a connection with `connector: sql`, as `SQL_SPEC_SCHEMA` admits it. */
export interface SqlSpec {
  config: SqlConfig;
  operations: Record<string, SqlOperation>;
}
export interface SqlConfig {
  engine: 'postgresql';
  host: string;
  /** Default 5432. */
  port?: number;
  database: string;
  /** Default `verify-full`. `disable` is allowed for loopback hosts only. */
  tls?: { mode: 'disable' } | { mode: 'verify-full'; caFile?: string };
  /** Longest time of one statement. Default `10s`. */
  statementTimeout?: string;
  /** Longest wait for a lock. Default `5s`. */
  lockTimeout?: string;
  /** Sessions per worker and credential. Default 5. */
  maxConnections?: number;
}
export interface SqlOperation {
  effect: EffectKind;
  idempotency?: Idempotency;
  /** Longest time of one attempt. Default `30s`, at most `60s`. */
  timeout?: string;
  /** The database answers within milliseconds as a rule; `timeout` is at most `5s`. Default false. */
  short?: boolean;
  /** JSON Schema of the input; its `properties` are the parameters that statements may use. */
  input: JsonObject;
  statements: SqlStatement[];
  /** How many calls are made in one transaction. Without it, each has its own. */
  bulk?: SqlBulk;
  /** Output field to `:statement.column`. Default: the first row of the last statement. */
  output?: Record<string, string>;
}
export interface SqlBulk {
  /** Most items of one transaction. Default 100. */
  maxItems?: number;
  /**
   * Their one parameter is `:items`, a JSON array of `{"item": <number>, "call.key": <key>, ...input}`. The last one
   * returns one row per item: its number as `item`, and the output's fields.
   */
  statements: Pick<SqlStatement, 'sql' | 'expect'>[];
}
export interface SqlStatement {
  /** Later statements and `output` reach the first row as `:name.column`. */
  name?: string;
  sql: string;
  expect?: RowExpectation;
}
/** When the number of rows (returned, or changed without RETURNING) differs, all is rolled back. */
export interface RowExpectation {
  rows: number | { min?: number; max?: number };
  outcome: OutcomeClass;
  /** Written for operators; a fixed text. */
  reason: string;
}

/** Name of the built-in parameter group: `:call.key` is the idempotency key of the call. */
export const CALL_PARAMETERS = 'call';

/** The one parameter of bulk statements, and the column and field that number an item. */
export const BULK_ITEMS = 'items';
export const BULK_ITEM = 'item';
/** Field of a bulk item that holds its idempotency key. No input field can have this name. */
export const BULK_CALL_KEY = 'call.key';

export const DEFAULT_BULK_ITEMS = 100;
export const DEFAULT_MAX_CONNECTIONS = 5;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 };

/** Milliseconds of a duration such as `500ms`, `10s` or `1m`, as the schema admits them. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^([0-9]+)(ms|s|m)$/.exec(text) ?? [];
  return Number(amount) * (UNIT_MS[unit ?? ''] ?? NaN);
}

/** Time limits of an operation, milliseconds. */
export function limitsOf(
  spec: SqlSpec,
  operation: SqlOperation,
): { attempt: number; statement: number; lock: number } {
  return {
    attempt: durationMs(operation.timeout ?? '30s'),
    statement: durationMs(spec.config.statementTimeout ?? '10s'),
    lock: durationMs(spec.config.lockTimeout ?? '5s'),
  };
}

/** The stored spec passed schema and `check` when the connection was applied; here it gets its type. */
export function asSqlSpec(spec: JsonObject): SqlSpec {
  return spec as unknown as SqlSpec;
}

/** Fields that the operation's input declares. */
export function inputFields(operation: SqlOperation): Set<string> {
  const { properties } = operation.input;
  return new Set(typeof properties === 'object' && properties !== null ? Object.keys(properties) : []);
}
