import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isEcluseError } from '@ecluse/errors';
import { createMappingEvaluator, type MappingEvaluator } from './evaluator.js';

const bindings = { steps: {}, delivery: {} };
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Longest time in which the host's event loop did nothing else, as a share of the whole, while `work` ran. */
async function longestStallWhile(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let last = started;
  let longest = 0;
  const ticks = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5);
  await work();
  clearInterval(ticks);
  return longest / (performance.now() - started);
}

describe('attacks', () => {
  let evaluator: MappingEvaluator;
  beforeAll(async () => {
    evaluator = createMappingEvaluator({ limits: { cpuMs: 300, wallMs: 1_500 } });
    await evaluator.warmUp();
  });
  afterAll(() => evaluator.close());

  it.each([
    ['a catastrophic regular expression', '$match(text, /^(a+)+$/)', { text: `${'a'.repeat(64)}!` }],
    ['$pad to 200 million characters', '$pad("a", 2e8)', {}],
    [
      'text doubling',
      '($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("aaaaaaaa", 60)))',
      {},
    ],
    ['endless recursion', '($f := function($n) { 1 + $f($n + 1) }; $f(0))', {}],
    ['an endless tail call', '($f := function($n) { $f($n + 1) }; $f(0))', {}],
    ['a range of ten million', '$sum([1..9999999])', {}],
    ['a product of ranges', '[1..1000].([1..1000].([1..1000].$))', {}],
    [
      'nested sorts',
      '$map([1..5000], function($i) { $count($sort([1..5000], function($a, $b) { $a < $b })) })',
      {},
    ],
    ['a large result', '$map([1..100], function($i) { $pad("a", 100000) })', {}],
  ])(
    '%s ends with MAPPING_LIMIT; the host stays responsive and the next evaluation works',
    async (_name, expression, input) => {
      let caught: unknown;
      const stall = await longestStallWhile(() =>
        evaluator.evaluate(expression, input, bindings).catch((error: unknown) => {
          caught = error;
        }),
      );
      expect(isEcluseError(caught, 'MAPPING_LIMIT')).toBe(true);
      // In process the loop would stand still for all of it.
      expect(stall).toBeLessThan(0.7);
      expect(await evaluator.evaluate('$map([1..3], function($i) { $i * $i })', {}, bindings)).toEqual([
        1, 4, 9,
      ]);
    },
    30_000,
  );

  // The WebAssembly module aborts while it cleans up after an evaluation near its limits; that must not look like a busy sandbox.
  it('an expression near its limits fails the same way each time', async () => {
    for (let time = 0; time < 6; time += 1) {
      const near = evaluator.evaluate('$map([1..100], function($i) { $pad("a", 100000) })', {}, bindings);
      await expect(near).rejects.toMatchObject({ errorName: 'MAPPING_LIMIT' });
    }
  }, 30_000);

  it('an input nested 5,000 deep does no harm', async () => {
    const input = { deep: JSON.parse(nested(5_000)) as never, id: 1 };
    await evaluator.evaluate('deep', input, bindings).catch((error: unknown) => {
      expect(isEcluseError(error)).toBe(true);
    });
    expect(await evaluator.evaluate('id', { id: 1 }, bindings)).toBe(1);
  }, 30_000);

  it('leaves nothing behind for the next evaluation', async () => {
    const escape = '($c := $map.constructor; $merge([{}]).constructor("globalThis.jsonata = null")())';
    await evaluator.evaluate(escape, {}, bindings).catch(() => undefined);
    expect(await evaluator.evaluate('$map([1], function($i) { $i })', {}, bindings)).toBe(1);
  }, 30_000);
});

describe('the pool', () => {
  it('refuses more than its queue with MAPPING_BUSY, and serves the rest', async () => {
    const evaluator = createMappingEvaluator({ pool: { threads: 1, queue: 2 } });
    const run = () => evaluator.evaluate('$map([1..2], function($i) { $i })', {}, bindings);
    const results = await Promise.allSettled([run(), run(), run(), run()]);
    const busy = results.filter((result) => result.status === 'rejected');
    expect(busy.every((result) => isEcluseError(result.reason, 'MAPPING_BUSY'))).toBe(true);
    expect([results.length, busy.length]).toEqual([4, 2]);
    await evaluator.close();
  }, 30_000);

  it('ends what is under way with MAPPING_BUSY when it is closed, and refuses later ones', async () => {
    const evaluator = createMappingEvaluator();
    const running = evaluator.evaluate('$map([1..2], function($i) { $i })', {}, bindings);
    const ended = running.catch((error: unknown) => error);
    await evaluator.close();
    expect(isEcluseError(await ended, 'MAPPING_BUSY')).toBe(true);
    await expect(evaluator.evaluate('$pad("a", 3)', {}, bindings)).rejects.toMatchObject({
      errorName: 'MAPPING_BUSY',
    });
  }, 30_000);
});
