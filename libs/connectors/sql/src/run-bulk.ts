import type { PoolClient } from 'pg';
import type { Verdict } from '@ecluse/connector-sdk';
import type { JsonValue } from '@ecluse/contracts';
import type { Wave } from './plan-bulk.js';
import { drift, runStatements, type Row } from './run-operation.js';
import { BULK_ITEM, BULK_ITEMS, type SqlBulk, type SqlOperation } from './sql-spec.js';
import { inTransaction, type OperationLimits } from './transaction.js';

type BulkOperation = SqlOperation & { bulk: SqlBulk };

/** Runs the bulk statements once per wave, all in one transaction. Outputs by number of the item, for every item. */
export async function runBulk(
  client: PoolClient,
  operation: BulkOperation,
  limits: OperationLimits,
  waves: readonly Wave[],
  signal: AbortSignal,
): Promise<{ outputs: Map<number, JsonValue> } | { verdict: Verdict }> {
  const outputs = new Map<number, JsonValue>();
  const done = await inTransaction<null>(client, operation.effect, limits, signal, async () => {
    for (const wave of waves) {
      const scope = { [BULK_ITEMS]: wave.map(({ row }) => row) };
      const ran = await runStatements(client, operation.bulk.statements, scope);
      if ('verdict' in ran) return ran;
      const verdict = collect(operation, wave, ran.rows, outputs);
      if (verdict !== undefined) return { verdict };
    }
    return { value: null };
  });
  return 'verdict' in done ? done : { outputs };
}

/** Matches rows with items. Anything but one row per item means that the statements do not do what they should. */
function collect(
  operation: BulkOperation,
  wave: Wave,
  rows: Row[],
  outputs: Map<number, JsonValue>,
): Verdict | undefined {
  const missing = new Set(wave.map(({ item }) => item));
  for (const { [BULK_ITEM]: item, ...output } of rows) {
    if (typeof item !== 'number' || !missing.delete(item))
      return drift('The bulk statements return a row that belongs to no item, or a second one');
    const absent = Object.keys(operation.output ?? {}).find((field) => !Object.hasOwn(output, field));
    if (absent !== undefined) return drift(`The bulk statements return no column for the output ${absent}`);
    outputs.set(item, output);
  }
  return missing.size === 0 ? undefined : drift('The bulk statements return no row for some items');
}
