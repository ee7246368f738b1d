import { setTimeout as sleep } from 'node:timers/promises';
import { sized, type Bench } from '../bench.js';
import { pssBytes } from '../cpu/cpu-meter.js';
import { answered } from '../load/load.js';
import { poll } from '../poll.js';
import { newTag } from '../product.js';

/** What is kept per waiting run and per delivery. Bytes. */
export interface Memory {
  readonly worker: {
    /** Runs that were waiting already, enough to fill the worker's cache of workflows. */
    readonly before: number;
    readonly runs: number;
    readonly pssBefore: number;
    readonly pssAfter: number;
    /** False in a quick run: the added runs still lie in the cache. */
    readonly evicted: boolean;
  };
  readonly inbox: { readonly rows: number; readonly totalBytes: number; readonly bodyBytes: number };
}

/** Bodies lie in partitions, whose sizes a partitioned table does not include. */
const INBOX_SIZE = `
SELECT (SELECT count(*) FROM ecluse.inbox)::int AS rows,
       (SELECT coalesce(sum(body_bytes), 0) FROM ecluse.inbox)::float8 AS "bodyBytes",
       (pg_total_relation_size('ecluse.inbox') + (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)
        FROM pg_partition_tree('ecluse.inbox_bodies') WHERE isleaf))::float8 AS "totalBytes"`;
const WAITING = `SELECT count(*)::int AS waiting FROM ecluse.runs WHERE flow = 'bench-waiting' AND state = 'running'`;

/** T10: PSS of the worker before and after runs that wait a day for their next attempt; size of the inbox. */
export async function measureMemory(bench: Bench): Promise<Memory> {
  const { product, stack, say } = bench;
  const url = await product.flow('bench-waiting', 'waiting.yaml');
  const inbox = await inboxSize(bench, await product.admin.source('bench-accepts', bench.secret));
  const before = await addWaiting(bench, url, sized(bench, 2_600, 100));
  const pssBefore = await settledPss(stack.pid('worker'));
  const all = await addWaiting(bench, url, sized(bench, 2_500, 200));
  const pssAfter = await settledPss(stack.pid('worker'));
  const runs = all - before;
  say(`${runs} waiting runs: ${((pssAfter - pssBefore) / runs / 1_024).toFixed(1)} KiB each`);
  return { worker: { before, runs, pssBefore, pssAfter, evicted: !bench.options.quick }, inbox };
}

async function inboxSize(bench: Bench, url: string): Promise<Memory['inbox']> {
  const { generator, secret, product } = bench;
  const send = await generator.prepare({ urls: [url], secret, tag: newTag(), count: 2_000, connections: 32 });
  await send();
  const [row] = await product.inbox.query<Memory['inbox']>(INBOX_SIZE);
  if (row === undefined) throw new Error('the inbox has no size');
  return row;
}

/** Sends `count` more and waits until they wait; answers how many do by then. */
async function addWaiting(bench: Bench, url: string, count: number): Promise<number> {
  const { generator, secret } = bench;
  const already = await waitingRuns(bench);
  const send = await generator.prepare({ urls: [url], secret, tag: newTag(), count, connections: 32 });
  const expected = already + answered(await send(), 202);
  const watch = { everyMs: 200, stalledMs: 30_000 };
  return poll(
    () => waitingRuns(bench),
    (waiting) => waiting >= expected,
    watch,
  );
}

async function waitingRuns({ product }: Bench): Promise<number> {
  const [row] = await product.inbox.query<{ waiting: number }>(WAITING);
  return row?.waiting ?? 0;
}

/** Smallest of what is seen in ten seconds: garbage that was not collected yet is no cost of a waiting run. */
async function settledPss(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look += 1) {
    await sleep(500);
    least = Math.min(least, pssBytes(pid));
  }
  return least;
}
