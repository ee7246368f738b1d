import { tokeniseSql, type SqlToken } from './sql-tokens.js';

/** A statement with positional parameters. Values are only ever bound, never part of the text. */
export interface CompiledStatement {
  /** With `$1`, `$2`, … */
  text: string;
  /** Dotted path of each parameter, in order; a path used twice is bound once. */
  parameters: string[];
}
export interface StatementProblem {
  message: string;
  expected: string;
  remedy: string;
}

/** What a statement may begin with. No DDL, no transaction control, no COPY, no CALL or DO (they may commit). */
const FIRST_WORDS = new Set(['select', 'insert', 'update', 'delete', 'merge', 'with', 'values']);

/** Checks one statement and replaces its named parameters. */
export function compileStatement(
  sql: string,
): { statement: CompiledStatement } | { problem: StatementProblem } {
  const split = tokeniseSql(sql);
  if ('problem' in split) {
    const { message, remedy, offset } = split.problem;
    return {
      problem: {
        message: `${message} at position ${String(offset + 1)}`,
        expected: 'one SQL statement',
        remedy,
      },
    };
  }
  const tokens = withoutTrailingSemicolon(split.tokens);
  const problem = refuseStatement(
    tokens.filter((token) => token.kind !== 'space' && token.kind !== 'comment'),
  );
  return problem === undefined ? { statement: numberParameters(tokens) } : { problem };
}

function refuseStatement(tokens: SqlToken[]): StatementProblem | undefined {
  const first = tokens[0]?.text.toLowerCase() ?? '';
  if (!FIRST_WORDS.has(first)) {
    return {
      message: 'this kind of statement is not allowed',
      expected: `a statement that begins with ${[...FIRST_WORDS].join(', ')}`,
      remedy:
        'Schema changes, COPY, CALL and transaction control do not belong into an operation; its statements already run in one transaction.',
    };
  }
  if (tokens.some((token) => token.kind === 'semicolon')) {
    return {
      message: 'more than one statement',
      expected: 'one statement per entry',
      remedy: 'Make each statement an entry of its own; all run in one transaction.',
    };
  }
  return createsTable(tokens)
    ? {
        message: '`SELECT … INTO` creates a table',
        expected: 'a query or a write',
        remedy: 'Use INSERT INTO … SELECT.',
      }
    : undefined;
}

function createsTable(tokens: SqlToken[]): boolean {
  return tokens.some((token, index) => {
    if (token.kind !== 'word' || token.text.toLowerCase() !== 'into') return false;
    return !['insert', 'merge'].includes(tokens[index - 1]?.text.toLowerCase() ?? '');
  });
}

function withoutTrailingSemicolon(tokens: SqlToken[]): SqlToken[] {
  const last = tokens.findLastIndex((token) => token.kind !== 'space' && token.kind !== 'comment');
  return tokens[last]?.kind === 'semicolon' ? tokens.slice(0, last) : tokens;
}

function numberParameters(tokens: SqlToken[]): CompiledStatement {
  const parameters: string[] = [];
  const text = tokens.map((token) => {
    if (token.kind !== 'parameter') return token.text;
    const path = token.text.slice(1);
    if (!parameters.includes(path)) parameters.push(path);
    return `$${String(parameters.indexOf(path) + 1)}`;
  });
  return { text: text.join('').trim(), parameters };
}
