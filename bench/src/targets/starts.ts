import { sized, type Bench } from '../bench.js';
import type { Pairs, RunFigures } from '../figures.js';
import type { BareTemporal } from '../floors/bare-temporal.js';
import { interleave } from '../interleave.js';
import { answered } from '../load/load.js';
import { poll } from '../poll.js';
import { newTag } from '../product.js';
import { heldProcess } from '../stack/held-process.js';

/** Flows, a source each: the dispatcher bounds what one flow may have started and nobody opened. */
const FLOWS = 20;
/** Starts at once, as many as the dispatcher makes (`ECLUSE_DISPATCHER_CONCURRENCY`). */
const AT_ONCE = 32;

/** T7: starts per second with the worker held, against a client that only starts. */
export async function measureStarts(bench: Bench, floor: BareTemporal): Promise<Pairs> {
  const names = Array.from({ length: FLOWS }, (_, index) => `bench-starts-${index}`);
  const urls: string[] = [];
  for (const name of names) urls.push(await bench.product.flow(name, 'untriggered.yaml'));
  return interleave(
    [
      { name: 'Ecluse', run: (count) => startBacklog(bench, urls, count) },
      { name: 'bare start loop', run: (count) => floor.start(count, AT_ONCE) },
    ],
    // A third of them or so is started while the backlog is still being sent, and does not count.
    { warmUp: 300, seconds: sized(bench, 5, 3), most: FLOWS * 60 },
    bench,
  );
}

/** The rate is taken after the last accept, so that the door's own work is not in it. */
async function startBacklog(bench: Bench, urls: string[], count: number): Promise<RunFigures> {
  const { product, generator, secret, cpu, stack } = bench;
  const send = await generator.prepare({ urls, secret, tag: newTag(), count, connections: 32 });
  const worker = heldProcess(() => stack.pid('worker'));
  const first = Date.now();
  worker.begin();
  try {
    const accepted = answered(await send(), 202);
    const measured = cpu.begin();
    const since = Date.now();
    const all = await startsSince(bench, first, accepted);
    const { groups: cpuMs, foreignShare } = measured();
    const after = await product.inbox.startedAfter('bench-starts-%', since);
    const seconds = (after.lastAt - since) / 1_000;
    const lost = accepted - all;
    return {
      count: after.count,
      seconds,
      perSecond: after.count / seconds,
      lost,
      doubled: 0,
      cpuMs,
      foreignShare,
    };
  } finally {
    worker.end();
    await product.inbox.settled();
  }
}

/** Waits until all are started, or nothing is started any more for ten seconds. */
async function startsSince({ product }: Bench, first: number, expected: number): Promise<number> {
  const started = async (): Promise<number> =>
    (await product.inbox.startedAfter('bench-starts-%', first)).count;
  return poll(started, (count) => count >= expected, { everyMs: 50, stalledMs: 10_000 });
}
