import type { RefusalReason } from './refusal.js';
import type { Src } from './scheme.js';
import { lookUpHeaderSource, lookUpQuery, type Lookup } from './headers.js';
import { readPointer } from './json-pointer.js';

/** What the sender sent, untouched. */
export interface WebhookRequest {
  /** Node's `rawHeaders`: name, value, name, value … with repetitions. */
  rawHeaders: readonly string[];
  /** Body bytes as received. */
  rawBody: Uint8Array;
  /** Raw request target: path and query. */
  url: string;
  method: string;
  /**
   * Parses the body, strictly and under the receiver's limits; called only after the body is verified. Without
   * it, or when it throws, a scheme that reads from the body refuses.
   */
  readBody?: () => unknown;
}

/** A stored secret; `id` names it in logs and on deliveries, `value` never leaves this package. */
export interface WebhookSecret {
  id: string;
  value: string;
}

function lookUpBody(request: WebhookRequest, pointer: string): Lookup {
  if (request.readBody === undefined) return { missing: true };
  try {
    const value = readPointer(request.readBody(), pointer);
    if (typeof value === 'string') return { found: value };
    return Number.isSafeInteger(value) ? { found: String(value) } : { missing: true };
  } catch {
    return { missing: true };
  }
}

/** Reads one value of the request. A body pointer must not be read before the body is verified. */
export function lookUp(request: WebhookRequest, source: Src): Lookup {
  if ('header' in source) return lookUpHeaderSource(request.rawHeaders, source);
  if ('query' in source) return lookUpQuery(request.url, source);
  return lookUpBody(request, source.bodyPointer);
}

/** A value that was looked up, or why the request is refused. */
export function required(
  lookup: Lookup,
  missing: RefusalReason,
): { value: string } | { reason: RefusalReason } {
  if ('found' in lookup) return { value: lookup.found };
  return { reason: 'repeated' in lookup ? 'header_repeated' : missing };
}
