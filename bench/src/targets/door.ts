import { sized, type Bench } from '../bench.js';
import { countingPairs, type Pairs, type RunFigures } from '../figures.js';
import { BareServer } from '../floors/bare-server.js';
import { interleave, type Side } from '../interleave.js';
import { answered, type LoadPlan, type LoadResult } from '../load/load.js';
import { newTag } from '../product.js';
import { median } from '../statistics.js';

const CONNECTIONS = 32;
/** A source without a flow: nothing runs beside the door but the dispatcher, which finds nothing to start. */
const SOURCE = 'bench-accepts';

/** Latency of the door in an open loop. Milliseconds. */
export interface OpenLoop {
  readonly rate: number;
  readonly seconds: number;
  readonly sent: number;
  readonly accepted: number;
  readonly latency: LoadResult['latency'];
  readonly foreignShare: number;
}

/** Rows that a server had to keep for what it accepted. */
type CountRows = () => Promise<number>;

/** T5: durable accepts per second. */
export async function measureAccepts(bench: Bench): Promise<Pairs> {
  const url = await bench.product.admin.source(SOURCE, bench.secret);
  const floor = await BareServer.insert(bench);
  const ours = acceptSide(bench, 'Ecluse', url, inboxRows(bench));
  const bare = acceptSide(bench, 'bare one-insert server', floor.url, () => floor.rows());
  const size = { warmUp: 3_000, seconds: sized(bench, 8, 4), most: 20_000 };
  try {
    return await interleave([ours, bare], size, bench);
  } finally {
    await floor.stop();
  }
}

/** T6: refused signatures per second. */
export async function measureRejects(bench: Bench): Promise<Pairs> {
  const url = await bench.product.admin.source(SOURCE, bench.secret);
  const floor = await BareServer.hmac(bench);
  const side = (name: string, at: string): Side => ({
    name,
    run: (count) => measureLoad(bench, { ...plan(bench, at), forged: true, count }, 401),
  });
  const size = { warmUp: 6_000, seconds: sized(bench, 5, 3), most: 100_000 };
  try {
    return await interleave([side('Ecluse', url), side('bare HMAC server', floor.url)], size, bench);
  } finally {
    await floor.stop();
  }
}

/** T9: latency of accepting at half of what T5 found; measured from the moment a delivery was due. */
export async function measureOpenLoop(bench: Bench, accepts: Pairs): Promise<OpenLoop> {
  const { product, generator, cpu, secret } = bench;
  const url = await product.admin.source(SOURCE, secret);
  const rate = median(countingPairs(accepts).map(({ a }) => a.perSecond)) / 2;
  const seconds = sized(bench, 60, 10);
  const count = Math.round(rate * seconds);
  const send = await generator.prepare({ ...plan(bench, url), count, rate, connections: 128 });
  const measured = cpu.begin();
  const result = await send();
  const { foreignShare } = measured();
  const accepted = answered(result, 202);
  bench.say(`${rate.toFixed(0)}/s for ${seconds} s: p99 ${result.latency.p99.toFixed(1)} ms`);
  return { rate, seconds, sent: count, accepted, latency: result.latency, foreignShare };
}

function acceptSide(bench: Bench, name: string, url: string, rows: CountRows): Side {
  const run = async (count: number): Promise<RunFigures> => {
    const before = await rows();
    const figures = await measureLoad(bench, { ...plan(bench, url), count }, 202);
    const lost = figures.count - ((await rows()) - before);
    return { ...figures, lost: Math.max(0, lost), doubled: Math.max(0, -lost) };
  };
  return { name, run };
}

async function measureLoad(bench: Bench, load: LoadPlan, status: number): Promise<RunFigures> {
  const send = await bench.generator.prepare(load);
  const measured = bench.cpu.begin();
  const result = await send();
  const { groups: cpuMs, foreignShare } = measured();
  const count = answered(result, status);
  const { seconds } = result;
  return { count, seconds, perSecond: count / seconds, lost: 0, doubled: 0, cpuMs, foreignShare };
}

function plan({ secret }: Bench, url: string): Omit<LoadPlan, 'count'> {
  return { urls: [url], secret, tag: newTag(), connections: CONNECTIONS };
}

function inboxRows({ product }: Bench): CountRows {
  return async () => {
    const [row] = await product.inbox.query<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM ecluse.inbox WHERE source = $1',
      [SOURCE],
    );
    return row?.rows ?? 0;
  };
}
