import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { isEcluseError } from '@ecluse/errors';
import { createMappingEvaluator, type MappingEvaluator, type MappingEvaluatorOptions } from './evaluator.js';

const bindings = { steps: {}, delivery: {} };
const FOREVER = '($f := function($n) { $f($n + 1) }; loop ? $f(0) : $map([1..3], function($i) { $i }))';
const HEALTHY = '$map([1..3], function($i) { $i * $i })';

let open: MappingEvaluator | undefined;
async function evaluatorOf(options: MappingEvaluatorOptions = {}): Promise<MappingEvaluator> {
  open = createMappingEvaluator(options);
  await open.warmUp();
  return open;
}
afterEach(() => open?.close());

/** Tries again when it is told to, as the activities do, until there is a verdict. */
async function verdictOf(
  evaluator: MappingEvaluator,
  expression: string,
  input: { id: number; loop: boolean },
) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await evaluator.evaluate(expression, input, bindings);
      return { attempt, verdict: 'ok' };
    } catch (error) {
      if (!isEcluseError(error, 'MAPPING_BUSY'))
        return { attempt, verdict: isEcluseError(error) ? error.errorName : 'unknown' };
      await pause((error.retryAfterSeconds ?? 1) * 1_000);
    }
  }
}

describe('expressions that run for ever', () => {
  it('20 at once come to their verdict, while others wait for at most one of them', async () => {
    // Beside other tests a thread may take seconds to start.
    const evaluator = await evaluatorOf({ pool: { waitMs: 10_000 } });
    const started = performance.now();
    const poisoned = Array.from({ length: 20 }, (_each, id) =>
      verdictOf(evaluator, FOREVER, { id, loop: true }),
    );
    const waits: number[] = [];
    for (let time = 0; time < 40; time += 1) {
      const before = performance.now();
      expect(await evaluator.evaluate(HEALTHY, {}, bindings)).toEqual([1, 4, 9]);
      waits.push(performance.now() - before);
    }
    const verdicts = await Promise.all(poisoned);
    expect(verdicts.filter(({ verdict }) => verdict !== 'MAPPING_LIMIT')).toEqual([]);
    expect(Math.max(...verdicts.map(({ attempt }) => attempt))).toBeLessThanOrEqual(5);
    expect(performance.now() - started).toBeLessThan(30_000);
    // One may meet the first of them, of which nobody knew; the thread is replaced then.
    expect(waits.filter((ms) => ms > 1_500).length).toBeLessThanOrEqual(1);
    const elsewhere = await verdictOf(evaluator, FOREVER, { id: 99, loop: false });
    expect(elsewhere.verdict).toBe('ok');
  }, 60_000);

  it('is not run again over the same input within a minute', async () => {
    const evaluator = await evaluatorOf();
    const again = () => evaluator.evaluate(FOREVER, { loop: true }, bindings);
    await expect(again()).rejects.toMatchObject({ errorName: 'MAPPING_LIMIT' });
    const before = performance.now();
    await expect(again()).rejects.toMatchObject({ errorName: 'MAPPING_LIMIT' });
    expect(performance.now() - before).toBeLessThan(100);
  }, 30_000);
});

describe('the queue of the sandbox', () => {
  it('is left at once by what is aborted, and so is the thread', async () => {
    const evaluator = await evaluatorOf({ limits: { cpuMs: 20_000, wallMs: 20_000 } });
    const aborting = new AbortController();
    const before = performance.now();
    const cut = [1, 2, 3].map((id) =>
      evaluator
        .evaluate(FOREVER, { id, loop: true }, bindings, aborting.signal)
        .catch((error: unknown) => error),
    );
    const other = evaluator.evaluate(HEALTHY, {}, bindings);
    aborting.abort();
    for (const error of await Promise.all(cut)) expect(isEcluseError(error, 'MAPPING_BUSY')).toBe(true);
    expect(await other).toEqual([1, 4, 9]);
    const late = evaluator.evaluate(HEALTHY, {}, bindings, aborting.signal);
    await expect(late).rejects.toMatchObject({ errorName: 'MAPPING_BUSY' });
    expect(performance.now() - before).toBeLessThan(10_000);
  }, 30_000);

  it('holds nobody for longer than its limit', async () => {
    const evaluator = await evaluatorOf({
      pool: { waitMs: 200 },
      limits: { cpuMs: 2_000, wallMs: 2_000 },
    });
    const running = evaluator.evaluate(FOREVER, { loop: true }, bindings).catch((error: unknown) => error);
    const before = performance.now();
    await expect(evaluator.evaluate(HEALTHY, {}, bindings)).rejects.toMatchObject({
      errorName: 'MAPPING_BUSY',
    });
    expect(performance.now() - before).toBeLessThan(1_500);
    expect(isEcluseError(await running, 'MAPPING_LIMIT')).toBe(true);
  }, 30_000);
});
