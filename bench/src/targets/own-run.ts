import { sized, type Bench } from '../bench.js';
import type { Pairs } from '../figures.js';
import type { BareTemporal } from '../floors/bare-temporal.js';
import { interleave } from '../interleave.js';

/** In flight on the floor, connections of the sender on our side. */
const AT_ONCE = 32;
/** T1, T2 and T4's first half: every delivery its own run, against a bare worker that makes the same calls. */
export async function measureOwnRuns(
  bench: Bench,
  floor: BareTemporal,
  effects: 'one' | 'two',
): Promise<Pairs> {
  const url = await bench.product.flow(`bench-own-${effects}`, `own-run-${effects}.yaml`);
  const sink = effects === 'one' ? 'party' : 'sales_order';
  return interleave(
    [
      {
        name: 'Ecluse',
        run: (count) => bench.product.complete({ urls: [url], count, connections: AT_ONCE, sink }),
      },
      { name: 'bare worker', run: (count) => floor.complete(effects, count, AT_ONCE) },
    ],
    { warmUp: 100, seconds: sized(bench, 12, 5), most: 1_000 },
    bench,
  );
}
