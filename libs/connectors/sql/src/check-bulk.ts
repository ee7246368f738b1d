import type { SpecIssue } from '@ecluse/connector-sdk';
import { compileStatement } from './compile-statement.js';
import { BULK_ITEM, BULK_ITEMS, inputFields, type SqlOperation } from './sql-spec.js';
import { tokeniseSql } from './sql-tokens.js';

/** What the schema cannot say of an operation's `bulk`: that it may be repeated, and that items are told apart. */
export function checkBulk(operation: SqlOperation, pointer: string): SpecIssue[] {
  if (operation.bulk === undefined) return [];
  return [
    ...checkRepeatable(operation, pointer),
    ...checkItemField(operation, pointer),
    ...operation.bulk.statements.flatMap(({ sql }, index) =>
      checkParameters(sql, `${pointer}/statements/${String(index)}/sql`),
    ),
    ...checkLastStatement(operation.bulk.statements, pointer),
  ];
}

/** When a bulk call fails as a whole, its items are called one by one: a write must stand that. */
function checkRepeatable({ effect, idempotency }: SqlOperation, pointer: string): SpecIssue[] {
  if (effect === 'read' || (idempotency?.kind ?? 'none') !== 'none') return [];
  return [
    {
      pointer,
      message: 'a bulk operation may be repeated, and this write has no idempotency strategy',
      expected: '`idempotency` of kind `external_id` or `natural`',
      remedy: 'Give the operation an idempotency strategy, or remove `bulk`.',
    },
  ];
}

function checkItemField(operation: SqlOperation, pointer: string): SpecIssue[] {
  if (!inputFields(operation).has(BULK_ITEM)) return [];
  return [
    {
      pointer,
      message: `the input has a field \`${BULK_ITEM}\`, which numbers the items of a bulk call`,
      expected: `an input without a field \`${BULK_ITEM}\``,
      remedy: 'Rename the field, or remove `bulk`.',
    },
  ];
}

function checkParameters(sql: string, pointer: string): SpecIssue[] {
  const compiled = compileStatement(sql);
  if ('problem' in compiled) return [{ pointer, ...compiled.problem }];
  return compiled.statement.parameters
    .filter((path) => path !== BULK_ITEMS)
    .map((path) => ({
      pointer,
      message: `unknown parameter \`:${path}\``,
      expected: `:${BULK_ITEMS}, a JSON array with one object per item`,
      remedy: `Take the fields from \`jsonb_to_recordset(:${BULK_ITEMS}::jsonb) AS x (${BULK_ITEM} integer, …)\`.`,
    }));
}

/** Whether it returns the column is known only when it runs; that its text names it nowhere is known now. */
function checkLastStatement(statements: { sql: string }[], pointer: string): SpecIssue[] {
  const last = statements.length - 1;
  const tokens = tokeniseSql(statements[last]?.sql ?? '');
  if ('problem' in tokens || tokens.tokens.some(({ text }) => /^"?item"?$/i.test(text))) return [];
  return [
    {
      pointer: `${pointer}/statements/${String(last)}/sql`,
      message: `the last statement returns no column \`${BULK_ITEM}\``,
      expected: `one row per item, with its number in the integer column \`${BULK_ITEM}\` and its output beside it`,
      remedy: `Select \`${BULK_ITEM}\` from \`:${BULK_ITEMS}\` together with what the single operation returns.`,
    },
  ];
}
