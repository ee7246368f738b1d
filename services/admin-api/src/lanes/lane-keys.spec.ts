import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { laneKeysOf } from './lane-keys.js';

/** As the door hashes a value. */
const hashed = (path: string, value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([path, value]))
    .digest('hex')
    .slice(0, 32);

describe('laneKeysOf', () => {
  it('looks at every path', () => {
    expect(laneKeysOf(['deal.id', 'id'], 'D-1')).toEqual([hashed('deal.id', 'D-1'), hashed('id', 'D-1')]);
    expect(laneKeysOf([], 'D-1')).toEqual([]);
  });
  it('looks for a number as text and as a number', () => {
    expect(laneKeysOf(['id'], '42')).toEqual([hashed('id', '42'), hashed('id', 42)]);
  });
  it.each(['042', '4.20', '1e3', ' 1', 'NaN', 'Infinity', '9007199254740993'])(
    'takes %j as text only: no number is written so',
    (key) => {
      expect(laneKeysOf(['id'], key)).toEqual([hashed('id', key)]);
    },
  );
});
