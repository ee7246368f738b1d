/** One fault of an expression. Positions are 0-based offsets of UTF-16 units into the expression. */
export interface ExpressionFault {
  position: number;
  message: string;
  expected: string;
  remedy: string;
}

/** What JSONata throws: an object with a code, hardly ever an Error. `token` is a piece of the expression. */
interface Thrown {
  code?: unknown;
  position?: unknown;
  token?: unknown;
  message?: unknown;
  value?: unknown;
}

function thrown(error: unknown): Thrown {
  return typeof error === 'object' && error !== null ? error : {};
}

/** JSONata's own code of an error, for example `T2001`; undefined for anything else. */
export function jsonataCode(error: unknown): string | undefined {
  const { code } = thrown(error);
  return typeof code === 'string' && /^[SDTUP][0-9]{4}$/.test(code) ? code : undefined;
}

/** Offset that JSONata gives: just after the token, or after the parenthesis of a call. */
export function jsonataPosition(error: unknown): number | undefined {
  const { position } = thrown(error);
  return typeof position === 'number' && Number.isSafeInteger(position) && position >= 0
    ? position
    : undefined;
}

/** Start of the token that ends at `position`; with its `$`, if it is a variable. */
export function startOfToken(expression: string, position: number, token: string | undefined): number {
  const length = token === undefined || token === '(end)' ? 0 : token.length;
  const end = Math.min(position, expression.length);
  if (length === 0) return Math.max(0, end);
  const start = expression.lastIndexOf(token ?? '', end - length);
  if (start < 0) return Math.max(0, end - length);
  return expression[start - 1] === '$' ? start - 1 : start;
}

/** Fault of an expression that does not parse. A parser's message holds pieces of the expression, never data. */
export function syntaxFault(error: unknown, expression: string): ExpressionFault {
  const common = {
    expected: 'a JSONata expression',
    remedy: 'See https://docs.jsonata.org for the language.',
  };
  // Names, not classes: the error may come from another realm.
  if (error instanceof Object && 'name' in error && error.name === 'RangeError') {
    return {
      ...common,
      position: 0,
      message: 'is nested too deeply',
      remedy: 'Split it over several map steps.',
    };
  }
  const { message, token } = thrown(error);
  const position = startOfToken(
    expression,
    jsonataPosition(error) ?? 0,
    typeof token === 'string' ? token : undefined,
  );
  return { ...common, position, message: typeof message === 'string' ? message : 'is not valid' };
}
