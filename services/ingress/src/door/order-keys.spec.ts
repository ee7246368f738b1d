import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderKeys } from './order-keys.js';

const byDeal = [{ by: 'deal.id', sequence: 'deal.version' }];
const deal = (fields: object): unknown => ({ deal: fields });
const hash = (path: string, value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([path, value]))
    .digest('hex')
    .slice(0, 32);

describe('orderKeys, no entry', () => {
  it.each([
    ['nothing there', deal({})],
    ['null', deal({ id: null })],
    ['a truth value', deal({ id: true })],
    ['an object', deal({ id: { a: 1 } })],
    ['a list', deal({ id: [1] })],
    ['a list on the way', { deal: [{ id: 1 }] }],
    ['text on the way', { deal: 'id' }],
    ['a document without fields', 7],
    ['no document', null],
  ])('for %s', (_name, document) => {
    expect(orderKeys(byDeal, document)).toEqual({});
  });

  it('for what every object inherits', () => {
    const orders = ['constructor.name', 'toString.length', '__proto__.x'].map((by) => ({
      by,
      sequence: null,
    }));
    expect(orderKeys(orders, {})).toEqual({});
  });

  it('and nothing at all where no flow is ordered', () => {
    expect(orderKeys([], deal({ id: 1 }))).toBeUndefined();
  });
});

describe('orderKeys', () => {
  it.each(['text', '', 0, -1.5, 4])('hashes path and value: %j', (id) => {
    expect(orderKeys(byDeal, deal({ id }))).toEqual({
      'deal.id': { key: hash('deal.id', id), sequence: null },
    });
  });

  it.each([
    [4, 4],
    [0, 0],
    ['4', null],
    [4.5, null],
    [2 ** 53, null],
    [undefined, null],
  ])('takes the sequence %j as %j', (version, sequence) => {
    expect(orderKeys(byDeal, deal({ id: 1, version }))?.['deal.id']?.sequence).toBe(sequence);
  });

  it('gives one entry per path, and no sequence where two flows count differently', () => {
    const orders = [
      { by: 'deal.id', sequence: 'deal.version' },
      { by: 'deal.id', sequence: null },
      { by: 'owner', sequence: null },
    ];
    const document = { deal: { id: 1, version: 3, revision: 9 }, owner: 'ada' };
    const keys = { 'deal.id': { key: hash('deal.id', 1), sequence: 3 } };
    const owner = { owner: { key: hash('owner', 'ada'), sequence: null } };
    expect(orderKeys(orders, document)).toEqual({ ...keys, ...owner });
    const differently = [...orders, { by: 'deal.id', sequence: 'deal.revision' }];
    expect(orderKeys(differently, document)?.['deal.id']?.sequence).toBeNull();
  });

  it('gives the same key exactly for the same value, and shows nothing of it (property)', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
    );
    const keyOf = (id: unknown): string | undefined => orderKeys(byDeal, deal({ id }))?.['deal.id']?.key;
    fc.assert(
      fc.property(value, value, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(keyOf(one) === keyOf(other)).toBe(same);
        expect(keyOf(one)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  it('never throws, whatever the document and the paths (property)', () => {
    const path = fc.stringMatching(/^[a-z_]{1,3}(?:\.[a-z_]{1,3}){0,3}$/);
    const order = fc.record({ by: path, sequence: fc.option(path) });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 4 }), fc.jsonValue(), (orders, document) => {
        const keys = orderKeys(orders, document);
        expect(Object.keys(keys ?? {}).every((by) => orders.some((one) => one.by === by))).toBe(true);
      }),
    );
  });
});
