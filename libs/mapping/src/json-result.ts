import type { JsonValue } from '@ecluse/contracts';
import type { Failure } from './failure.js';

/** The result of an expression as JSON, or why it is none. */
export type JsonResult = { ok: true; value: JsonValue } | { ok: false; failure: Failure };

class NotJson extends Error {
  constructor(readonly problem: 'function' | 'number' | 'key') {
    super(problem);
  }
}

function refuseOther(key: string, value: unknown): unknown {
  // A copy of the result made by assignment would take this key for the prototype.
  if (key === '__proto__') throw new NotJson('key');
  if (typeof value === 'function') throw new NotJson('function');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new NotJson('number');
  if (
    typeof value === 'object' &&
    value !== null &&
    ('_jsonata_lambda' in value || '_jsonata_function' in value)
  ) {
    throw new NotJson('function');
  }
  return value;
}

/** Serialises what JSONata gave; nothing (undefined) becomes null. A copy: it shares no object with the input. */
export function toJsonResult(value: unknown, mostBytes: number): JsonResult {
  try {
    return fromJsonText(JSON.stringify(value ?? null, refuseOther), mostBytes);
  } catch (error) {
    if (error instanceof NotJson) return { ok: false, failure: { kind: 'result', problem: error.problem } };
    return { ok: false, failure: { kind: 'limit', limit: 'stack' } };
  }
}

/** Reads a serialised result, if it is within the limit. */
export function fromJsonText(text: string, mostBytes: number): JsonResult {
  if (Buffer.byteLength(text) > mostBytes) return { ok: false, failure: { kind: 'limit', limit: 'result' } };
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue };
  } catch {
    // Only an expression that took over its sandbox can get here.
    return { ok: false, failure: { kind: 'failed' } };
  }
}
