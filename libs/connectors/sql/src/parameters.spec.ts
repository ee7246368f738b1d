import { describe, expect, it } from '@jest/globals';
import { bindParameters, initialScope } from './parameters.js';

const none = new Set<string>();

describe('bindParameters', () => {
  it('binds text as it is, JSON for the rest, and NULL for what the input leaves out', () => {
    const scope = initialScope(
      { name: "O'Brien; DROP", n: 1.5, on: true, lines: [{ a: 1 }], empty: null },
      'key/1',
    );
    const paths = ['name', 'n', 'on', 'lines', 'empty', 'missing', 'name.deep', 'call.key'];
    expect(bindParameters(paths, scope, none)).toEqual({
      values: ["O'Brien; DROP", '1.5', 'true', '[{"a":1}]', null, null, null, 'key/1'],
    });
  });

  it('finds no inherited property', () => {
    expect(bindParameters(['constructor', '__proto__', 'name.length'], { name: 'x' }, none)).toEqual({
      values: [null, null, null],
    });
  });

  it('names a column that an earlier row lacks; a row that is not there is NULL', () => {
    const scope = { order: { id: 1 }, customer: null };
    const rows = new Set(['order', 'customer']);
    expect(bindParameters(['order.number'], scope, rows)).toEqual({ missing: { path: 'order.number' } });
    expect(bindParameters(['customer.id'], scope, rows)).toEqual({ values: [null] });
  });
});
