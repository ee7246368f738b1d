import type { BulkItem, CallResult } from '@ecluse/connector-sdk';
import type { JsonObject, JsonValue } from '@ecluse/contracts';
import { describeInvalidInput } from './input-schema.js';
import { BULK_CALL_KEY, BULK_ITEM, type SqlOperation } from './sql-spec.js';

/** Items that one run of the bulk statements takes together, as those statements see them. */
export type Wave = { item: number; row: JsonObject }[];

/** A bulk call, taken apart. Items are numbered by their place in the call. */
export interface BulkPlan {
  /** Items that the operation's input schema refuses. */
  refused: Map<number, CallResult>;
  waves: Wave[];
}

/**
 * No statement of ours may meet the same record twice (`ON CONFLICT` refuses that), and of two items for one record the
 * later has to win: the n-th item of an external id goes into the n-th wave. Within a wave items are sorted by that id,
 * so that two bulk calls at once take their locks in the same order.
 */
export function planBulk(
  operation: Pick<SqlOperation, 'input' | 'idempotency'>,
  items: readonly BulkItem[],
): BulkPlan {
  const refused = new Map<number, CallResult>();
  const waves: { id: string; item: number; row: JsonObject }[][] = [];
  const met = new Map<string, number>();
  items.forEach(({ input, callKey }, item) => {
    const invalid = describeInvalidInput(operation.input, input);
    if (invalid !== null) {
      refused.set(item, { verdict: { outcome: 'invalid', reason: invalid, vendorCode: null } });
      return;
    }
    const id = recordOf(operation, input, item);
    const wave = met.get(id) ?? 0;
    met.set(id, wave + 1);
    (waves[wave] ??= []).push({ id, item, row: { ...input, [BULK_CALL_KEY]: callKey, [BULK_ITEM]: item } });
  });
  for (const wave of waves) wave.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.item - b.item));
  return { refused, waves: waves.map((wave) => wave.map(({ item, row }) => ({ item, row }))) };
}

/** What tells the item's record from others; without an external id, each item is taken to have its own. */
function recordOf(
  { idempotency }: Pick<SqlOperation, 'idempotency'>,
  input: JsonObject,
  item: number,
): string {
  if (idempotency?.kind !== 'external_id') return String(item).padStart(6, '0');
  const id: JsonValue = input[idempotency.field] ?? null;
  return typeof id === 'string' ? id : JSON.stringify(id);
}
