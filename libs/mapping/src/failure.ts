import { EcluseError } from '@ecluse/errors';
import { startOfToken } from './fault.js';

/** What went wrong in one evaluation, before it is told to anyone. `message` may hold data and is never shown as it is. */
export type Failure =
  | { kind: 'failed'; code?: string; position?: number; token?: string; message?: string }
  | { kind: 'limit'; limit: LimitName }
  | { kind: 'result'; problem: 'function' | 'number' | 'key' };
export type LimitName = 'cpu' | 'wall' | 'memory' | 'stack' | 'result';

/** What a mapping may tell about a failure: the rule that was broken, never the value that broke it. */
const RULES: Readonly<Record<string, string>> = {
  D1001: 'a number is out of range',
  D1002: 'only a number can be negated',
  T1003: 'a key of an object has to be a text',
  T1005: 'what is called is not a function',
  T1006: 'what is called is not a function',
  D1009: 'two keys of an object are the same',
  D1013: 'a key begins with _jsonata_',
  T0410: 'an argument of {token} has the wrong type',
  T0411: 'the context of {token} has the wrong type',
  T0412: 'an argument of {token} has to be a list of one type',
  T2001: 'the left side of {token} has to be a number',
  T2002: 'the right side of {token} has to be a number',
  T2003: 'the left side of .. has to be a whole number',
  T2004: 'the right side of .. has to be a whole number',
  T2006: 'the right side of ~> has to be a function',
  T2007: 'values to sort by have different types',
  T2008: 'values to sort by have to be numbers or texts',
  T2009: 'both sides of {token} have to be of one type',
  T2010: 'both sides of {token} have to be numbers or texts',
  D2014: 'a range is longer than ten million',
  D3010: 'the text to replace is empty',
  D3030: 'a value cannot be read as a number',
  D3060: 'the square root of a negative number does not exist',
  D3061: 'a power is out of range',
  D3070: 'a list to sort holds other things than numbers or texts',
  D3110: 'a text is not a time of ISO 8601',
  D3137: '$error was called',
  D3138: '$single found more than one match',
  D3139: '$single found no match',
  D3140: 'a text is not well-formed for a URL',
  D3141: '$assert failed',
};
const LIMITS: Readonly<Record<LimitName, string>> = {
  cpu: 'it took more than its CPU time',
  wall: 'it did not end in time',
  memory: 'it needed more than its memory',
  stack: 'it recursed too deeply',
  result: 'its result is too large',
};
const RESULTS = {
  function: 'the result contains a function',
  number: 'the result contains a number that JSON cannot carry',
  key: 'the result contains the key __proto__',
} as const;

/** The expression that failed: what stands in it may be told. */
interface Told {
  expression: string;
  literals: ReadonlySet<string>;
}

/** MAPPING_FAILED or MAPPING_LIMIT for a failure, with its place in the expression. */
export function toMappingError(failure: Failure, told: Told): EcluseError {
  if (failure.kind === 'limit') return new EcluseError('MAPPING_LIMIT', { detail: LIMITS[failure.limit] });
  if (failure.kind === 'result')
    return new EcluseError('MAPPING_FAILED', { detail: RESULTS[failure.problem] });
  const position =
    failure.position === undefined
      ? undefined
      : startOfToken(told.expression, failure.position, failure.token);
  const message = describe(failure, told);
  const at = position === undefined ? '' : ` at character ${String(position + 1)}`;
  const errors = [{ message, ...(position === undefined ? {} : { line: 1, column: position + 1 }) }];
  return new EcluseError('MAPPING_FAILED', { detail: `${message}${at}`, errors });
}

function describe({ code, token, message }: Extract<Failure, { kind: 'failed' }>, told: Told): string {
  const rule = code === undefined ? undefined : RULES[code];
  if (code === undefined || rule === undefined)
    return `JSONata failed${code === undefined ? '' : ` with ${code}`}`;
  const named = token !== undefined && told.expression.includes(token) ? token : 'the operation';
  // A message that stands in the expression was written for operators; one that was computed may hold data.
  const written =
    message !== undefined && (code === 'D3137' || code === 'D3141') && told.literals.has(message);
  return `${rule.replace('{token}', named)} (${code}${written ? `: ${message}` : ''})`;
}
