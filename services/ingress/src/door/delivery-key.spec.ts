import { describe, expect, it } from '@jest/globals';
import type { Verified } from '@ecluse/webhook-auth';
import { deliveryKey } from './delivery-key.js';
import type { KeySource } from './source-policy.js';

const verified: Verified = { ok: true, secretId: 'a', scheme: 's' };
const input = {
  rawHeaders: ['X-Id', 'abc', 'Twice', '1', 'twice', '2', 'Empty', ''],
  document: { id: 'evt_1', number: 7, fraction: 1.5, nested: { id: 'n:1' }, email: 'a b@example.test' },
  verified,
  bodySha256: 'f'.repeat(64),
};
const keyOf = (key: KeySource[], fallback: 'none' | 'bodyHash' = 'none') =>
  deliveryKey({ key, fallback }, input);

describe('deliveryKey', () => {
  it.each<[string, KeySource[]]>([
    ['a header that is not there', [{ header: 'x-other' }]],
    ['a header sent twice', [{ header: 'twice' }]],
    ['an empty header', [{ header: 'empty' }]],
    ['a pointer to nothing', [{ bodyPointer: '/none' }]],
    ['a pointer to an object', [{ bodyPointer: '/nested' }]],
    ['a pointer to a fraction', [{ bodyPointer: '/fraction' }]],
    ['a pointer into the prototype', [{ bodyPointer: '/constructor/name' }]],
    ['an id that the scheme does not sign', [{ signed: 'id' }]],
    ['one missing part of two', [{ header: 'x-id' }, { bodyPointer: '/none' }]],
  ])('is missing with %s, unless the body may stand for it', (_name, key) => {
    expect(keyOf(key)).toBeUndefined();
    expect(keyOf(key, 'bodyHash')).toBe(`body:${'f'.repeat(64)}`);
  });

  it('takes a header, a string, an integer, a signed id', () => {
    expect(keyOf([{ header: 'x-id' }])).toBe('abc');
    expect(keyOf([{ bodyPointer: '/id' }])).toBe('evt_1');
    expect(keyOf([{ bodyPointer: '/number' }])).toBe('7');
    const signed = { ...verified, id: { value: 'msg_1', signed: true } };
    expect(deliveryKey({ key: [{ signed: 'id' }], fallback: 'none' }, { ...input, verified: signed })).toBe(
      'msg_1',
    );
    const unsigned = { ...verified, id: { value: 'msg_1', signed: false } };
    expect(
      deliveryKey({ key: [{ signed: 'id' }], fallback: 'none' }, { ...input, verified: unsigned }),
    ).toBeUndefined();
  });

  it('joins parts without ambiguity', () => {
    expect(keyOf([{ header: 'x-id' }, { bodyPointer: '/nested/id' }])).toBe('abc:n%3A1');
  });

  it('hashes what is long, not plain, or looks like a hash', () => {
    const keyFor = (id: string) =>
      deliveryKey({ key: [{ bodyPointer: '/id' }], fallback: 'none' }, { ...input, document: { id } });
    const hashed = /^sha256:[0-9a-f]{64}$/;
    for (const id of ['x'.repeat(201), 'a b', 'a\u0000', 'é', 'sha256:abc', `body:${'f'.repeat(64)}`])
      expect(keyFor(id)).toMatch(hashed);
    expect(keyFor('x'.repeat(200))).toBe('x'.repeat(200));
  });
});
