import { describe, expect, it } from '@jest/globals';
import { parseOptions, TARGET_IDS } from './options.js';

describe('options', () => {
  it.each([
    [['--fast'], 'unknown option --fast'],
    [['--only', 'T1,T99'], '--only T99: no such target'],
    [['--only'], 'no such target'],
    [['--pairs', '0'], '--pairs: expected'],
    [['--pairs', 'many'], '--pairs: expected'],
  ])('refuses %j', (args, complaint) => {
    expect(parseOptions(args)).toEqual(expect.stringContaining(complaint));
  });

  it('measures everything with five pairs and keeps the result', () => {
    expect(parseOptions([])).toEqual({ quick: false, only: new Set(TARGET_IDS), pairs: 5, write: true });
  });

  it('keeps nothing of a quick or partial run', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ quick: true, pairs: 2, write: false });
    expect(parseOptions(['--only', 't1, T5'])).toMatchObject({ only: new Set(['T1', 'T5']), write: false });
    expect(parseOptions(['--pairs', '2'])).toMatchObject({ pairs: 2, write: false });
  });

  it('keeps a quick run when asked to', () => {
    expect(parseOptions(['--quick', '--write'])).toMatchObject({ write: true });
  });
});
