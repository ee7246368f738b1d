import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { JsonObject } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import { parseDocument } from './parse-document.js';
import { FLOW, lines, refusalOf } from './testing/documents.js';

const nested = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`;
/** Nine levels of ten aliases each: a thousand million nodes. */
const BILLION = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'a0: &a0 [x]'
    : `a${String(level)}: &a${String(level)} [${Array(10)
        .fill(`*a${String(level - 1)}`)
        .join(', ')}]`,
).join('\n');
const json = fc.dictionary(
  fc.stringMatching(/^[a-z ~/:#-]{1,8}$/),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<JsonObject>;

describe('parseDocument refuses', () => {
  it.each([
    ['nothing', '', 'is empty'],
    ['only a comment', '# hello', 'is empty'],
    ['a list', '- 1', 'is not a mapping'],
    ['a text', 'hello', 'is not a mapping'],
    ['more than 256 KiB', `a: "${'é'.repeat(140_000)}"`, 'is too long'],
    ['a duplicate key', 'a: 1\na: 2', 'Map keys must be unique'],
    ['two documents', 'a: 1\n---\na: 2', 'holds several documents'],
    ['an own tag', 'a: !secret x', 'Unresolved tag: !secret'],
    ['an unknown alias', 'a: *b', 'is an alias of nothing'],
    ['aliases that explode', BILLION, 'uses too many aliases'],
    ['65 levels', nested(70), 'is nested too deeply'],
    ['a hundred thousand levels', nested(100_000), 'is nested too deeply'],
    ['the key __proto__', 'a: { __proto__: { admin: true } }', '`__proto__` is not allowed as a key'],
    ['a key that is a list', '? [a]\n: 1', 'is not a text, which keys have to be'],
    ['an unfinished text', 'a: "b', 'Missing closing "quote'],
  ])('%s', async (_name, text, message) => {
    const error = await refusalOf(() => parseDocument({ file: 'x.yaml', text }));
    expect(error.errorName).toBe('DOCUMENT_UNPARSABLE');
    expect(lines(error)[0]).toMatch(/^x\.yaml:[0-9]+:[0-9]+ ECL-5002 /);
    expect(error.errors[0]?.message).toBe(message);
  });

  it('never fails in another way', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '&x',
      '*x',
      '!',
      '#',
      '? ',
      '---',
      '\t',
      '%',
      '\\',
      '<<',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        try {
          parseDocument({ text: parts.join('') });
        } catch (error) {
          expect(isEcluseError(error, 'DOCUMENT_UNPARSABLE')).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('parseDocument', () => {
  it('reads back what YAML and JSON write', () => {
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as JsonObject;
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(parseDocument({ text: stringify(value) }).value).toEqual(plain);
        expect(parseDocument({ text: JSON.stringify(value) }).value).toEqual(plain);
      }),
    );
  });

  it('knows the place of keys, values and what is missing', () => {
    const parsed = parseDocument({ text: FLOW });
    expect(parsed.placeOf('/spec/on/source')).toEqual({ line: 8, column: 13 });
    expect(parsed.placeOfKey('/spec/on/source')).toEqual({ line: 8, column: 5 });
    expect(parsed.placeOf('/spec/steps/2/id')).toEqual({ line: 28, column: 11 });
    expect(parsed.placeOf('/spec/on/nothing/at/all')).toEqual({ line: 8, column: 5 });
    expect(parsed.placeOfKey('/spec/on/nothing')).toEqual({ line: 8, column: 5 });
    expect(parsed.placeOf('/spec/steps/99')).toEqual({ line: 11, column: 5 });
  });

  it('follows aliases to the text that they stand for', () => {
    const parsed = parseDocument({ text: 'a: &a\n  b: x\nc: *a' });
    expect(parsed.placeOf('/c/b')).toEqual({ line: 2, column: 6 });
  });

  it.each([
    ['plain', 'a: one X two', 1, 8],
    ['plain over lines', 'a: one\n  two\n  X', 3, 3],
    ['single quoted', "a: 'it''s X'", 1, 11],
    ['double quoted', 'a: "\\"\\u00e9\\t X"', 1, 16],
    ['double quoted with an escaped line break', 'a: "one\\\n   X"', 2, 4],
    ['literal block', 'a: |\n    one\n\n      X', 4, 7],
    ['literal block with a header', 'a: |2- # X marks\n   one\n  X', 3, 3],
    ['folded block', 'a: >\n  one\n  two\n\n  X', 5, 3],
    ['text with a pair of surrogates', 'a: "\u{1F600} X"', 1, 8],
  ])('finds a character inside a %s scalar', (_style, text, line, column) => {
    const parsed = parseDocument({ text });
    const value = parsed.value['a'] as string;
    expect(parsed.placeInside('/a', value.indexOf('X'))).toEqual({ line, column });
  });

  it('finds every visible character of any text in any style', () => {
    const styles = fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    const texts = fc.array(fc.stringMatching(/^[a-zA-Z0-9'"\\ .$&(){}[\]#é-]{0,30}$/), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(texts, styles, (parts, defaultStringType) => {
        const value = parts.join('\n');
        const text = stringify({ a: { b: value } }, { defaultStringType, lineWidth: 30 });
        const parsed = parseDocument({ text });
        const rows = text.split('\n');
        value.split('').forEach((char, offset) => {
          if (/[\s"'\\]/.test(char)) return;
          const { line, column } = parsed.placeInside('/a/b', offset);
          expect(rows[line - 1]?.[column - 1]).toBe(char);
        });
      }),
      { numRuns: 500 },
    );
  });
});
