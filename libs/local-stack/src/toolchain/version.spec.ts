import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toolchainCache } from './cache.js';
import { isAtLeast, parseVersion } from './version.js';

describe('versions', () => {
  it.each(['', 'devel', '0.x'])('refuses "%s"', (text) => {
    expect(parseVersion(text)).toBeUndefined();
    expect(isAtLeast(text, '0.0.0')).toBe(false);
  });

  it.each([
    ['go version go1.26.8 linux/amd64', '1.26.4', true],
    ['go1.9.9', '1.26', false],
    ['1.26', '1.26.0', true],
    ['1.21.2-rc1', '1.21.2', true],
    ['2.0.0', '1.99.99', true],
  ])('%s against %s', (text, least, expected) => {
    expect(isAtLeast(text, least)).toBe(expected);
  });

  it('orders like its numbers', () => {
    const numbers = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50));
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const weight = ([x, y, z]: readonly number[]): number => (x ?? 0) * 1e6 + (y ?? 0) * 1e3 + (z ?? 0);
        expect(isAtLeast(a.join('.'), b.join('.'))).toBe(weight(a) >= weight(b));
      }),
    );
  });
});

describe('the cache folder', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/x/ecluse/toolchain'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, 'linux', '/h/.cache/ecluse/toolchain'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Caches/ecluse/toolchain'],
    [{ HOME: '/h', LOCALAPPDATA: '/l' }, 'win32', '/l/ecluse/toolchain'],
  ] as const)('%j on %s', (env, platform, expected) => {
    expect(toolchainCache(env, platform)).toBe(expected);
  });
});
