import type { Expression } from 'jsonata';
import type { JsonValue } from '@ecluse/contracts';
import type { MappingBindings } from './bindings.js';
import { jsonataCode, jsonataPosition } from './fault.js';
import type { Failure } from './failure.js';
import { toJsonResult, type JsonResult } from './json-result.js';

/** Runs a bounded expression in process. */
export async function runNative(
  compiled: Expression,
  input: JsonValue,
  bindings: MappingBindings,
  mostBytes: number,
): Promise<JsonResult> {
  try {
    const result: unknown = await compiled.evaluate(input, { ...bindings });
    return toJsonResult(result, mostBytes);
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Object && 'name' in error && error.name === 'RangeError')
    return { kind: 'limit', limit: 'stack' };
  const { token, message } = error as { token?: unknown; message?: unknown };
  const code = jsonataCode(error);
  const position = jsonataPosition(error);
  return {
    kind: 'failed',
    ...(code === undefined ? {} : { code }),
    ...(position === undefined ? {} : { position }),
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
