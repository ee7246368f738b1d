import { createHash } from 'node:crypto';
import type { OrderKey, OrderKeys, SourceOrder } from '@ecluse/storage';

/** Characters of a key: 128 bits. */
const KEY_LENGTH = 32;

/** Value at names joined by dots; own properties of objects only. */
function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function keyOf(path: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = JSON.stringify([path, value]);
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, KEY_LENGTH);
}

function sequenceAt(document: unknown, path: string | null): number | null {
  const value = path === null ? undefined : valueAt(document, path);
  return Number.isSafeInteger(value) ? (value as number) : null;
}

/** Two flows that count a path's deliveries by different fields have no common sequence. */
function merge(one: OrderKey | undefined, other: OrderKey): OrderKey {
  if (one === undefined || one.sequence === other.sequence) return other;
  if (one.sequence === null || other.sequence === null)
    return { key: other.key, sequence: one.sequence ?? other.sequence };
  return { key: other.key, sequence: null };
}

/**
 * What a delivery is ordered by, for each path that an ordered flow of its source names. Only strings and numbers
 * order; a path without one has no entry, and its flows treat the delivery as one without a key. The key is a hash of
 * path and value, so that the order of a person's deliveries does not put the person into the inbox. Undefined when
 * nothing orders the delivery.
 */
export function orderKeys(orders: readonly SourceOrder[], document: unknown): OrderKeys | undefined {
  if (orders.length === 0) return undefined;
  const keys = new Map<string, OrderKey>();
  for (const { by, sequence } of orders) {
    const key = keyOf(by, valueAt(document, by));
    if (key !== undefined)
      keys.set(by, merge(keys.get(by), { key, sequence: sequenceAt(document, sequence) }));
  }
  return Object.fromEntries(keys);
}
