import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import type { MappingBindings } from './bindings.js';
import { createMappingEvaluator, type MappingEvaluator } from './evaluator.js';

const bindings: MappingBindings = { steps: { customer: { id: 7 } }, delivery: { id: 'd-1' } };
/** The same expressions in process and in the sandbox. */
const places = [
  ['in process', {}],
  ['in the sandbox', { nativeWork: 0 }],
] as const;

describe.each(places)('evaluate %s', (_place, limits) => {
  let evaluator: MappingEvaluator;
  beforeAll(() => {
    evaluator = createMappingEvaluator({ limits: { ...limits, wallMs: 20_000 } });
  });
  afterAll(() => evaluator.close());
  const evaluate = (expression: string, input: JsonValue = {}) =>
    evaluator.evaluate(expression, input, bindings);
  async function failure(expression: string, input: JsonValue = {}) {
    try {
      await evaluate(expression, input);
    } catch (error) {
      if (isEcluseError(error)) return error;
      throw error;
    }
    throw new Error('did not fail');
  }

  it.each<[string, JsonValue, string, number]>([
    ['price + 1', { price: 'jane@example.com' }, 'the left side of + has to be a number (T2001)', 7],
    [
      '{ "a": $sum(prices) }',
      { prices: ['jane@example.com'] },
      'an argument of sum has to be a list of one type (T0412)',
      8,
    ],
    ['$error(email)', { email: 'jane@example.com' }, '$error was called (D3137)', 1],
    ['$error("no product")', {}, '$error was called (D3137: no product)', 1],
    ['$number(email)', { email: 'jane@example.com' }, 'a value cannot be read as a number (D3030)', 1],
    [
      '{ email: 1, other: 2 }',
      { email: 'jane@example.com', other: 'jane@example.com' },
      'two keys of an object are the same (D1009)',
      2,
    ],
  ])('%s fails without telling data, and says where', async (expression, input, message, column) => {
    const error = await failure(expression, input);
    expect(error.errorName).toBe('MAPPING_FAILED');
    expect(error.errors).toEqual([{ message, line: 1, column }]);
    expect(error.detail).toBe(`${message} at character ${String(column)}`);
    expect(JSON.stringify([error.message, error.errors])).not.toContain('jane');
  });

  it('refuses the key __proto__ in a result, and takes it from an input without harm', async () => {
    const input = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as JsonValue;
    expect((await failure('{ "__proto__": { "polluted": true } }')).message).toContain('the key __proto__');
    expect((await failure('$', input)).message).toContain('the key __proto__');
    expect(await evaluate('{ "a": a, "p": `__proto__`.polluted, "c": constructor.name }', input)).toEqual({
      a: 1,
      p: true,
    });
    expect(await evaluate('$merge([a, b])', JSON.parse('{"a":{"x":1},"b":{"y":2}}') as JsonValue)).toEqual({
      x: 1,
      y: 2,
    });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await evaluate('{}.polluted')).toBeNull();
  });
  it('refuses functions in a result', async () => {
    expect((await failure('{ "f": $sum }')).message).toContain('contains a function');
  });
  it('refuses a result over the limit', async () => {
    const error = await failure('text & text', { text: 'x'.repeat(600_000) });
    expect([error.errorName, error.detail]).toEqual(['MAPPING_LIMIT', 'its result is too large']);
  });
  it('refuses what the analysis refuses', async () => {
    expect((await failure('$now()')).errors[0]).toMatchObject({ line: 1, column: 1 });
  });

  it.each<[string, JsonValue, JsonValue]>([
    ['nothing.at.all', {}, null],
    ['null', {}, null],
    ['[nothing, 1]', {}, [1]],
    ['{ "a": nothing, "b": null }', {}, { b: null }],
    ['items.price', { items: [{ price: 2 }, { price: 3 }] }, [2, 3]],
    ['items[price > 2].price', { items: [{ price: 2 }, { price: 3 }] }, 3],
    [
      'items{ kind: $sum(price) }',
      {
        items: [
          { kind: 'a', price: 2 },
          { kind: 'a', price: 3 },
        ],
      },
      { a: 5 },
    ],
    ['$steps.customer.id & "/" & $delivery.id', {}, '7/d-1'],
    ['$base64decode($base64encode("Zoe <3")) & $encodeUrlComponent("a b")', {}, 'Zoe <3a%20b'],
    ['$base64encode(text)', { text: 'Zo\u00eb' }, 'Wm/r'],
    ['$[0].a', [{ a: 1 }], 1],
    ['$string({ "a": [1, "x"] })', {}, '{"a":[1,"x"]}'],
  ])('%s over %j gives %j', async (expression, input, expected) => {
    expect(await evaluate(expression, input)).toEqual(expected);
  });
});
