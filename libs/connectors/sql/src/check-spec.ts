import type { SpecIssue } from '@ecluse/connector-sdk';
import type { JsonObject } from '@ecluse/contracts';
import { checkBulk } from './check-bulk.js';
import { compileStatement } from './compile-statement.js';
import { compileInputSchema } from './input-schema.js';
import {
  asSqlSpec,
  CALL_PARAMETERS,
  inputFields,
  limitsOf,
  type SqlOperation,
  type SqlSpec,
} from './sql-spec.js';
import { isLoopback } from './tls.js';

/** Longest attempt that a worker holds a session for, milliseconds. */
const MAX_ATTEMPT_MS = 60_000;

/** Longest attempt of an operation that is declared as short, milliseconds. It holds a workflow task meanwhile. */
const MAX_SHORT_ATTEMPT_MS = 5_000;

/** What the schema cannot say: statements, their parameters, names, and TLS for the host. */
export function checkSqlSpec(raw: JsonObject): SpecIssue[] {
  const spec = asSqlSpec(raw);
  return [
    ...checkTls(spec),
    ...Object.entries(spec.operations).flatMap(([name, operation]) => checkOperation(spec, name, operation)),
  ];
}

function checkTls(spec: SqlSpec): SpecIssue[] {
  if (spec.config.tls?.mode !== 'disable' || isLoopback(spec.config.host)) return [];
  return [
    {
      pointer: '/config/tls/mode',
      message: 'TLS is disabled for a host that is not this machine',
      expected: 'verify-full',
      remedy: 'Use `mode: verify-full`, with `caFile` for a private authority.',
    },
  ];
}

function checkOperation(spec: SqlSpec, name: string, operation: SqlOperation): SpecIssue[] {
  const pointer = `/operations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return [
    ...checkLimits(spec, operation, pointer),
    ...checkInputSchema(operation, pointer),
    ...checkIdempotency(operation, pointer),
    ...checkStatements(operation, pointer),
    ...checkOutput(operation, pointer),
    ...checkBulk(operation, `${pointer}/bulk`),
  ];
}

function checkLimits(spec: SqlSpec, operation: SqlOperation, pointer: string): SpecIssue[] {
  const limits = limitsOf(spec, operation);
  const issues: SpecIssue[] = [];
  if (limits.attempt > MAX_ATTEMPT_MS) {
    issues.push({
      pointer: `${pointer}/timeout`,
      message: 'the operation may take too long',
      expected: 'at most 60s',
      remedy: 'Split the work, or make the statements cheaper.',
    });
  }
  if (operation.short === true && limits.attempt > MAX_SHORT_ATTEMPT_MS) {
    issues.push({
      pointer: `${pointer}/timeout`,
      message: 'an operation that may take so long is not short',
      expected: 'at most 5s where `short` is true',
      remedy: 'Set `timeout: 5s` with a shorter `config.statementTimeout`, or leave `short` out.',
    });
  }
  if (limits.statement >= limits.attempt) {
    issues.push({
      pointer: `${pointer}/timeout`,
      message: 'the operation ends before its statements do',
      expected: 'a timeout above `config.statementTimeout`',
      remedy: "Raise the operation's `timeout`, or lower `config.statementTimeout`.",
    });
  }
  return issues;
}

function checkInputSchema(operation: SqlOperation, pointer: string): SpecIssue[] {
  try {
    compileInputSchema(operation.input);
    return [];
  } catch {
    return [
      {
        pointer: `${pointer}/input`,
        message: 'not a JSON Schema',
        expected: 'JSON Schema 2020-12',
        remedy: 'Correct the keywords of the schema.',
      },
    ];
  }
}

function checkIdempotency(operation: SqlOperation, pointer: string): SpecIssue[] {
  const { idempotency } = operation;
  if (idempotency?.kind !== 'external_id' || inputFields(operation).has(idempotency.field)) return [];
  return [
    {
      pointer: `${pointer}/idempotency/field`,
      message: `the input has no field \`${idempotency.field}\``,
      expected: 'a property of `input`',
      remedy: "Name the field that carries the sender's own id, and declare it under `input.properties`.",
    },
  ];
}

function checkStatements(operation: SqlOperation, pointer: string): SpecIssue[] {
  const fields = inputFields(operation);
  const issues: SpecIssue[] = [];
  const earlier = new Set<string>();
  operation.statements.forEach((statement, index) => {
    const at = `${pointer}/statements/${String(index)}`;
    const known = new Set([...fields, ...earlier, CALL_PARAMETERS]);
    issues.push(...checkSql(statement.sql, `${at}/sql`, known));
    if (statement.name === undefined) return;
    if (known.has(statement.name)) issues.push(takenName(statement.name, `${at}/name`));
    earlier.add(statement.name);
  });
  return issues;
}

function checkSql(sql: string, pointer: string, known: ReadonlySet<string>): SpecIssue[] {
  const compiled = compileStatement(sql);
  if ('problem' in compiled) return [{ pointer, ...compiled.problem }];
  const unknown = compiled.statement.parameters.filter((path) => {
    const [root = '', ...rest] = path.split('.');
    return !known.has(root) || (root === CALL_PARAMETERS && rest.join('.') !== 'key');
  });
  return unknown.map((path) => ({
    pointer,
    message: `unknown parameter \`:${path}\``,
    expected: `one of ${[...known].map((name) => `:${name}`).join(', ')}`,
    remedy: 'Declare it under `input.properties`, or name the earlier statement that returns it.',
  }));
}

function checkOutput(operation: SqlOperation, pointer: string): SpecIssue[] {
  const names = new Set(operation.statements.map((statement) => statement.name));
  return Object.entries(operation.output ?? {})
    .filter(([, reference]) => !names.has(reference.slice(1).split('.')[0]))
    .map(([field, reference]) => ({
      pointer: `${pointer}/output/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: `\`${reference}\` names no statement`,
      expected: 'the name of a statement and a column, such as `:order.id`',
      remedy: 'Give the statement that name.',
    }));
}

function takenName(name: string, pointer: string): SpecIssue {
  return {
    pointer,
    message: `the name \`${name}\` is taken`,
    expected: 'a name that no input field, no earlier statement and no built-in has',
    remedy: 'Choose another name.',
  };
}
