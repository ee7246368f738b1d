/** Piece of a SQL text, as far as named parameters need it told apart. Concatenated, `text` is the input again. */
export interface SqlToken {
  kind: 'word' | 'parameter' | 'semicolon' | 'quoted' | 'comment' | 'space' | 'other';
  text: string;
  /** 0-based position in the SQL text. */
  offset: number;
}
/** Why a SQL text cannot be split. The message names no part of the text. */
export interface SqlTokenProblem {
  offset: number;
  message: string;
  remedy: string;
}
export type SqlTokens = { tokens: SqlToken[] } | { problem: SqlTokenProblem };

type Scan = { end: number; kind: SqlToken['kind'] } | { problem: Omit<SqlTokenProblem, 'offset'> };
type Scanner = (sql: string, at: number) => Scan | undefined;

/**
 * Splits PostgreSQL text into tokens: strings, quoted identifiers, dollar quotes and (nested) comments are opaque,
 * `::` is a cast and `:name.path` a parameter. What PostgreSQL would read differently from us is refused rather
 * than guessed: escape strings, positional parameters, anything unterminated.
 */
export function tokeniseSql(sql: string): SqlTokens {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length;) {
    const scan = scanAt(sql, at);
    if ('problem' in scan) return { problem: { ...scan.problem, offset: at } };
    tokens.push({ kind: scan.kind, text: sql.slice(at, scan.end), offset: at });
    at = scan.end;
  }
  return { tokens };
}

const SCANNERS: readonly Scanner[] = [
  scanSpace,
  scanLineComment,
  scanBlockComment,
  scanWord,
  scanDollarQuote,
  scanQuoted,
  scanColon,
];

function scanAt(sql: string, at: number): Scan {
  for (const scanner of SCANNERS) {
    const scan = scanner(sql, at);
    if (scan !== undefined) return scan;
  }
  return { end: at + 1, kind: sql[at] === ';' ? 'semicolon' : 'other' };
}

const SPACE = /[ \t\n\r\f\v]+/y;
// The letters of PostgreSQL identifiers: ASCII, everything above it, and `$` after the first.
const WORD = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy;
const PARAMETER = /:[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)?\$/uy;
const NUMBER = /[0-9][A-Za-z0-9_.]*/y;

function matchEnd(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

function scanSpace(sql: string, at: number): Scan | undefined {
  if (sql[at] === '\0') return refuse('NUL character', 'Remove it.');
  const end = matchEnd(SPACE, sql, at);
  return end === undefined ? undefined : { end, kind: 'space' };
}

function scanLineComment(sql: string, at: number): Scan | undefined {
  if (!sql.startsWith('--', at)) return undefined;
  const line = sql.slice(at).search(/[\n\r]/);
  return { end: line === -1 ? sql.length : at + line, kind: 'comment' };
}

/** PostgreSQL's block comments nest. */
function scanBlockComment(sql: string, at: number): Scan | undefined {
  if (!sql.startsWith('/*', at)) return undefined;
  let depth = 1;
  for (let next = at + 2; next < sql.length;) {
    if (sql.startsWith('/*', next)) {
      depth += 1;
      next += 2;
    } else if (sql.startsWith('*/', next)) {
      depth -= 1;
      next += 2;
      if (depth === 0) return { end: next, kind: 'comment' };
    } else next += 1;
  }
  return refuse('unterminated comment', 'Close it with `*/`.');
}

function scanWord(sql: string, at: number): Scan | undefined {
  const end = matchEnd(WORD, sql, at);
  if (end !== undefined) {
    // `E'..\'..'` ends elsewhere than a plain string, also across lines; a parameter says the same without risk.
    const escapeString = /^e$/i.test(sql.slice(at, end)) && sql[end] === "'";
    return escapeString
      ? refuse("escape string E'…'", 'Use a plain string or a parameter.')
      : { end, kind: 'word' };
  }
  const number = matchEnd(NUMBER, sql, at);
  return number === undefined ? undefined : { end: number, kind: 'other' };
}

function scanDollarQuote(sql: string, at: number): Scan | undefined {
  if (sql[at] !== '$') return undefined;
  const tagEnd = matchEnd(DOLLAR_TAG, sql, at);
  if (tagEnd === undefined)
    return refuse('positional parameter', 'Use named parameters such as `:order.id`.');
  const tag = sql.slice(at, tagEnd);
  const close = sql.indexOf(tag, tagEnd);
  if (close === -1) return refuse('unterminated dollar quote', 'Close it with the tag that opened it.');
  return { end: close + tag.length, kind: 'quoted' };
}

/** Strings and quoted identifiers; a doubled quote stands for itself, a backslash for nothing else. */
function scanQuoted(sql: string, at: number): Scan | undefined {
  const quote = sql[at];
  if (quote !== "'" && quote !== '"') return undefined;
  for (let next = at + 1; next < sql.length; next += 1) {
    if (sql[next] !== quote) continue;
    if (sql[next + 1] !== quote) return { end: next + 1, kind: 'quoted' };
    next += 1;
  }
  return refuse('unterminated quote', `Close it with ${quote}.`);
}

function scanColon(sql: string, at: number): Scan | undefined {
  if (sql[at] !== ':') return undefined;
  if (sql[at + 1] === ':' || sql[at + 1] === '=') return { end: at + 2, kind: 'other' };
  const end = matchEnd(PARAMETER, sql, at);
  return end === undefined ? { end: at + 1, kind: 'other' } : { end, kind: 'parameter' };
}

function refuse(message: string, remedy: string): { problem: Omit<SqlTokenProblem, 'offset'> } {
  return { problem: { message, remedy } };
}
