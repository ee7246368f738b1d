import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tokeniseSql, type SqlToken } from './sql-tokens.js';

function tokensOf(sql: string): SqlToken[] {
  const split = tokeniseSql(sql);
  if ('problem' in split) throw new Error(split.problem.message);
  return split.tokens;
}
function parametersOf(sql: string): string[] {
  return tokensOf(sql)
    .filter(({ kind }) => kind === 'parameter')
    .map(({ text }) => text);
}

describe('tokeniseSql, refusals', () => {
  it.each([
    ["SELECT 'open", 'unterminated quote', 7],
    ['SELECT "open', 'unterminated quote', 7],
    ['SELECT /* /* */ 1', 'unterminated comment', 7],
    ['SELECT $a$ text $b$', 'unterminated dollar quote', 7],
    ['SELECT $1', 'positional parameter', 7],
    [String.raw`SELECT E'\'' || :x`, "escape string E'…'", 7],
    [String.raw`SELECT e'\''`, "escape string E'…'", 7],
    ['SELECT \0', 'NUL character', 7],
  ])('%s', (sql, message, offset) => {
    expect(tokeniseSql(sql)).toMatchObject({ problem: { message, offset } });
  });
});

describe('tokeniseSql', () => {
  it.each([
    ['SELECT :name', [':name']],
    ['SELECT :order.id::bigint', [':order.id']],
    ['SELECT x::text, :a', [':a']],
    ['SELECT f(a := :b)', [':b']],
    ['SELECT \':no\' || ":no" || :yes', [':yes']],
    ["SELECT 'it''s :no', :yes", [':yes']],
    [String.raw`SELECT '\', :yes, '\'`, [':yes']],
    ['SELECT $$ :no $$, $tag$ $$ :no $tag$, :yes', [':yes']],
    ['SELECT 1 -- :no\n, :yes', [':yes']],
    ['SELECT /* :no /* :no */ :no */ :yes', [':yes']],
    ['SELECT a$1$b, :yes', [':yes']],
    ['SELECT name, typed FROM type WHERE e = :e', [':e']],
    ['SELECT array[1, 2][1:2]', []],
    ['SELECT :a.b.c, :_x', [':a.b.c', ':_x']],
  ])('%s has the parameters %j', (sql, parameters) => {
    expect(parametersOf(sql)).toEqual(parameters);
  });

  it('loses nothing: the tokens are the text', () => {
    const fragment = fc.constantFrom(
      "'",
      '"',
      '$',
      '$$',
      ':',
      '::',
      ':a',
      '--',
      '/*',
      '*/',
      '\n',
      ';',
      'E',
      'x',
      ' ',
      '1',
    );
    fc.assert(
      fc.property(fc.array(fragment), (fragments) => {
        const sql = fragments.join('');
        const split = tokeniseSql(sql);
        if ('problem' in split) return split.problem.offset >= 0 && split.problem.offset < sql.length;
        return split.tokens.map(({ text }) => text).join('') === sql;
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no quoted text for a parameter or a second statement', () => {
    const opaque = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(opaque, fc.constantFrom("'", '"'), (text, quote) => {
        const quoted = `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
        const kinds = tokensOf(`SELECT ${quoted};`).map(({ kind }) => kind);
        expect(kinds).toEqual(['word', 'space', 'quoted', 'semicolon']);
      }),
    );
  });
});
