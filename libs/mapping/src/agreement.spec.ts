import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import jsonata from 'jsonata';
import type { JsonValue } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import { analyse } from './analyse.js';
import { valueAt } from './cost.js';
import { createMappingEvaluator, type MappingEvaluator } from './evaluator.js';
import { sizeOf } from './measure.js';

const bindings = { steps: { first: { id: 1, tags: ['x', 'y'] } }, delivery: { id: 'd' } };
const { expression: anyExpression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  const name = fc.constantFrom(
    'a',
    'b',
    'list',
    'list.n',
    'list.s',
    'nothing',
    '$',
    '$$',
    '$steps.first.id',
    '$steps.first.tags',
    '$delivery.id',
  );
  const literal = fc.oneof(
    fc.integer({ min: -9, max: 9 }).map(String),
    fc.constantFrom('"x"', '"y z"', 'true', 'null'),
  );
  const operator = fc.constantFrom('+', '-', '*', '/', '%', '&', '=', '!=', '<', '>=', 'and', 'or', 'in');
  const unary = fc.constantFrom(
    '$sum',
    '$count',
    '$string',
    '$uppercase',
    '$length',
    '$not',
    '$exists',
    '$type',
    '$distinct',
    '$reverse',
    '$keys',
    '$number',
    '$average',
    '$trim',
    '$spread',
  );
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      name,
      literal,
      fc.tuple(inner, operator, inner).map(([left, sign, right]) => `(${left} ${sign} ${right})`),
      fc.tuple(unary, inner).map(([called, argument]) => `${called}(${argument})`),
      fc.tuple(inner, inner).map(([left, right]) => `{ "k": ${left}, "l": ${right} }`),
      fc.tuple(inner, inner).map(([left, right]) => `[${left}, ${right}]`),
      fc.tuple(inner, inner, inner).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      fc.tuple(name, inner).map(([list, test]) => `${list}[${test}]`),
      fc.tuple(name, inner).map(([list, each]) => `${list}.(${each})`),
      fc.tuple(inner, inner).map(([value, rest]) => `($v := ${value}; [$v, ${rest}])`),
    ),
  };
});
const inputWith = (list: fc.ArrayConstraints): fc.Arbitrary<JsonValue> =>
  fc.record({
    a: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
    b: fc.oneof(fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant([])),
    list: fc.array(fc.record({ n: fc.integer(), s: fc.string() }), list),
  }) as fc.Arbitrary<JsonValue>;

async function outcome(evaluator: MappingEvaluator, expression: string, input: JsonValue): Promise<unknown> {
  try {
    return { value: await evaluator.evaluate(expression, input, bindings) };
  } catch (error) {
    if (!isEcluseError(error)) throw error;
    return { error: error.errorName, detail: error.detail };
  }
}

/** Calls of JSONata's `evaluate` that an expression really makes, counted by its own debugging hook. */
async function evaluations(expression: string, input: JsonValue): Promise<number> {
  const compiled = jsonata(expression);
  let count = 0;
  const hook: unknown = Symbol.for('jsonata.__evaluate_entry');
  compiled.assign(hook as string, () => {
    count += 1;
  });
  await compiled.evaluate(input, { ...bindings }).catch(() => undefined);
  return count;
}

describe('the bound of a bounded expression', () => {
  const list = Array.from({ length: 200 }, (_, n) => ({ n, s: String(n) }));
  it.each([
    `list.(${'n + '.repeat(40)}n)`,
    `list[${'n > 0 and '.repeat(40)}n > 0]`,
    `list.{ "a": [${'n, '.repeat(40)}n] }`,
    `list{ s: ${'n + '.repeat(40)}n }`,
    'list.($count($$.list[n > 0]))',
    'list[n in $$.list.n]',
    `list^(${'n + '.repeat(10)}n)`,
    `[1..100].(${'$ + '.repeat(20)}1)`,
  ])('is not below the work of %s', async (expression) => {
    const analysis = analyse(expression);
    const cost = analysis.ok ? analysis.cost : null;
    const most = cost === null ? 0 : valueAt(cost, sizeOf([{ list }, bindings], Infinity));
    const made = await evaluations(expression, { list });
    expect(made).toBeGreaterThan(2_000);
    expect(made).toBeLessThanOrEqual(most);
  });

  it('is never below the work that it makes', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyExpression,
        inputWith({ minLength: 200, maxLength: 200 }),
        async (expression, input) => {
          const analysis = analyse(expression);
          const cost = analysis.ok ? analysis.cost : null;
          fc.pre(cost !== null);
          const most = valueAt(cost, sizeOf([input, bindings], Infinity));
          expect(await evaluations(expression, input)).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);
});

describe('in process and in the sandbox', () => {
  const native = createMappingEvaluator();
  const sandbox = createMappingEvaluator({ limits: { nativeWork: 0, cpuMs: 10_000, wallMs: 20_000 } });
  beforeAll(() => sandbox.warmUp());
  afterAll(async () => {
    await Promise.all([native.close(), sandbox.close()]);
  });

  it('random bounded expressions give the same result or the same error', async () => {
    await fc.assert(
      fc.asyncProperty(anyExpression, inputWith({ maxLength: 4 }), async (expression, input) => {
        const analysis = analyse(expression);
        fc.pre(analysis.ok && analysis.bounded);
        expect(await outcome(sandbox, expression, input)).toEqual(await outcome(native, expression, input));
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});
