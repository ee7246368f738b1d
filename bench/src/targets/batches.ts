import { sized, type Bench } from '../bench.js';
import type { RunFigures } from '../figures.js';
import { countFor } from '../pacing.js';
import { heldProcess } from '../stack/held-process.js';

/**
 * T3 and T4's second half: a backlog is sent through the door while the worker is held, then the worker goes on. The
 * rate is that of the drain; the CPU is that of everything, the sending included.
 */
export async function measureBatches(bench: Bench): Promise<RunFigures[]> {
  const { product, stack, options, say } = bench;
  const url = await product.flow('bench-adaptive', 'adaptive.yaml');
  const drain = async (count: number): Promise<RunFigures> => {
    const whileSending = heldProcess(() => stack.pid('worker'));
    try {
      return await product.complete({ urls: [url], count, connections: 32, sink: 'party', whileSending });
    } finally {
      whileSending.end();
    }
  };
  const { perSecond } = await drain(300);
  const count = countFor(sized(bench, 30, 10), [perSecond], sized(bench, 3_000, 1_500));
  const runs: RunFigures[] = [];
  for (let number = 1; number <= options.pairs; number += 1) {
    const run = await drain(count);
    runs.push(run);
    say(`run ${number}/${options.pairs}: ${count} drained, ${run.perSecond.toFixed(1)}/s`);
  }
  return runs;
}
