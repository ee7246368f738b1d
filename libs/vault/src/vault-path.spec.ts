import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { vaultPath } from './vault-path.js';

describe('vaultPath', () => {
  it.each([
    ['nothing', []],
    ['an empty segment', ['kv', '']],
    ['a dot', ['kv', '.']],
    ['two dots', ['kv', 'data', '..', '..', 'sys']],
    ['encoded dots', ['kv', '%2e%2e']],
    ['a slash', ['kv', 'a/../../sys']],
    ['an encoded slash', ['kv', 'a%2f..']],
    ['a backslash', ['kv', 'a\\b']],
    ['a query', ['kv', 'a?list=true']],
    ['a fragment', ['kv', 'a#b']],
    ['a line break', ['kv', 'a\n']],
    ['a NUL', ['kv', 'a\0']],
    ['a letter outside ASCII', ['kv', 'ａ']],
    ['129 characters', ['kv', 'a'.repeat(129)]],
  ])('refuses %s and does not show it', (_name, segments) => {
    const attempt = (): string => vaultPath(segments);
    expect(attempt).toThrow(expect.objectContaining({ code: 'ECL-3005' }));
    const bad = segments.at(-1) ?? '';
    if (bad.length > 2) expect(attempt).not.toThrow(bad);
  });

  it('joins what it accepts', () => {
    expect(vaultPath(['kv', 'data', 'webhooks', 'acme', 'crm-deals'])).toBe(
      'kv/data/webhooks/acme/crm-deals',
    );
  });

  it('never lets a segment change the number of segments that a URL sees', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (segments) => {
        let path: string;
        try {
          path = vaultPath(segments);
        } catch {
          return;
        }
        const { pathname, search, hash } = new URL(`http://vault/v1/${path}`);
        expect(pathname.split('/').slice(2)).toEqual(segments);
        expect(search + hash).toBe('');
      }),
    );
  });
});
