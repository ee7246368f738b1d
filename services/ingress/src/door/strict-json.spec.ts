import { describe, expect, it } from '@jest/globals';
import { isEcluseError } from '@ecluse/errors';
import fc from 'fast-check';
import type { JsonLimits } from './json-scanner.js';
import { parseStrictJson } from './strict-json.js';

const LIMITS: JsonLimits = { maxDepth: 64, maxTokens: 1_000, maxKeyLength: 50, refuseDuplicateKeys: true };

/** What JSON is written with. */
const CHARACTERS = Array.from('{}[]",:\\ 1truefalsn-e.+u0');

function refusal(body: Uint8Array | string, limits = LIMITS): string | undefined {
  try {
    parseStrictJson(Buffer.from(body as string), limits);
    return undefined;
  } catch (error) {
    if (isEcluseError(error, 'BODY_MALFORMED')) return error.detail;
    throw error;
  }
}

describe('parseStrictJson refuses', () => {
  it.each([
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is not UTF-8'],
    ['UTF-8 surrogates', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'the body is not UTF-8'],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'the body is not UTF-8'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'the body is not JSON'],
    ['nothing', '', 'the body is not JSON'],
    ['two byte-order marks', '\ufeff\ufeff{}', 'the body is not JSON'],
    ['a trailing comma', '{"a":1,}', 'the body is not JSON'],
    ['a comment', '{} // x', 'the body is not JSON'],
    ['NaN', '[NaN]', 'the body is not JSON'],
    ['single quotes', "{'a':1}", 'the body is not JSON'],
    ['an open string', '{"a', 'the body is not JSON'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'nested deeper than 64'],
    ['50 000 levels', '['.repeat(50_000), 'nested deeper than 64'],
    ['too many values', `[${'1,'.repeat(1_000)}1]`, 'more than 1000 values, keys and brackets'],
    ['a long key', `{"${'k'.repeat(51)}":1}`, 'a key longer than 50 characters'],
    ['a key twice', '{"a":1,"a":2}', 'an object names the same key twice'],
    ['a key twice, once escaped', '{"a":1,"\\u0061" : 2}', 'an object names the same key twice'],
    ['a key twice, far inside', '[{"x":{"a":{},"b":[],"a":1}}]', 'an object names the same key twice'],
  ])('%s', (_name, body, detail) => {
    expect(refusal(body)).toBe(detail);
  });
});

describe('parseStrictJson accepts', () => {
  it('one byte-order mark, 64 levels, the same key in different objects, brackets in strings', () => {
    for (const body of [
      '\ufeff{"a":1}',
      `${'['.repeat(64)}${']'.repeat(64)}`,
      '[{"a":{"a":1}},{"a":2}]',
      '{"a":"[{\\"a\\":1","b":"]]"}',
    ])
      expect(refusal(body)).toBeUndefined();
  });
  it('a key twice where nothing is signed', () => {
    expect(refusal('{"a":1,"a":2}', { ...LIMITS, refuseDuplicateKeys: false })).toBeUndefined();
  });
  it('`__proto__` as a key like any other', () => {
    const value = parseStrictJson(Buffer.from('{"__proto__":{"admin":true}}'), LIMITS) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect('admin' in value).toBe(false);
  });
  it('what JSON.parse accepts, whatever it is', () => {
    const limits = { ...LIMITS, maxTokens: 100_000, maxKeyLength: 10_000 };
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(parseStrictJson(Buffer.from(text), limits)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });
  it('nothing that JSON.parse refuses, and never fails in another way', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 40 }), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) expect(refusal(text)).toBeDefined();
      }),
      { numRuns: 5_000 },
    );
  });
});
