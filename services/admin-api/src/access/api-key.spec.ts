import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readApiKey, secretMatches } from './api-key.js';
import { FailureLimiter, MOST_FAILURES, WINDOW_MS } from './failure-limiter.js';

const secret = 'A'.repeat(43);
const stored = createHash('sha256').update(secret).digest('hex');
const key = `ecl_abcdefghij23_${secret}`;

describe('readApiKey', () => {
  it.each([
    [undefined],
    [''],
    [key],
    [`Basic ${key}`],
    [`Bearer  ${key}`],
    [`Bearer ${key} x`],
    [`Bearer ${key.slice(0, -1)}`],
    [`Bearer ${key.toUpperCase()}`],
    [`Bearer ecl_abcdefghij01_${secret}`],
  ])('refuses %p', (header) => {
    expect(readApiKey(header)).toBeUndefined();
  });

  it('reads a key', () => {
    expect(readApiKey(`Bearer ${key}`)).toEqual({ keyId: 'abcdefghij23', secret });
  });
});

describe('secretMatches', () => {
  it.each([
    ['another secret', 'B'.repeat(43), stored],
    ['an unknown key', secret, undefined],
    ['a damaged hash', secret, 'zz'],
    ['an empty hash', secret, ''],
  ])('refuses %s', (_name, presented, hash) => {
    expect(secretMatches(presented, hash)).toBe(false);
  });

  it('accepts the secret', () => {
    expect(secretMatches(secret, stored)).toBe(true);
  });
});

describe('FailureLimiter', () => {
  it('blocks an address after its failures, for the rest of the window, and no other', () => {
    let now = 0;
    const limiter = new FailureLimiter(() => now);
    for (let i = 1; i < MOST_FAILURES; i += 1) limiter.failed('a');
    expect(limiter.blockedFor('a')).toBeUndefined();
    limiter.failed('a');
    expect(limiter.blockedFor('a')).toBe(WINDOW_MS / 1000);
    expect(limiter.blockedFor('b')).toBeUndefined();
    now = WINDOW_MS;
    expect(limiter.blockedFor('a')).toBeUndefined();
    limiter.failed('a');
    expect(limiter.blockedFor('a')).toBeUndefined();
  });
});
