import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { checkout } from './checkout.js';
import { createErpUser } from './erp-user.js';
import { Floor } from './floor.js';
import { Product } from './product.js';
import { renderReport, type Figures } from './report.js';
import { startStack, type StackUnderTest } from './stack-under-test.js';
import { percentile, spread } from './statistics.js';

const quick = process.argv.includes('--quick');
const PAIRS = quick ? 2 : 5;
const PER_PAIR = quick ? 60 : 200;
const LATENCIES = quick ? 20 : 100;
const IN_FLIGHT = 32;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function measureStarts(home: string): Promise<{ cold: number; warm: StackUnderTest }> {
  say('cold start');
  const cold = await startStack(home);
  await cold.stop();
  say('warm start');
  return { cold: cold.readyMs, warm: await startStack(home) };
}

async function measurePairs(
  product: Product,
  floor: Floor,
): Promise<Omit<Figures, 'coldStartMs' | 'warmStartMs' | 'acceptToOrder'>> {
  await product.flowsPerSecond(PER_PAIR, IN_FLIGHT);
  await floor.flowsPerSecond(PER_PAIR, IN_FLIGHT);
  const ours: number[] = [];
  const bare: number[] = [];
  let lost = 0;
  let doubled = 0;
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    const flows = await product.flowsPerSecond(PER_PAIR, IN_FLIGHT);
    ours.push(flows.perSecond);
    lost += flows.lost;
    doubled += flows.doubled;
    bare.push(await floor.flowsPerSecond(PER_PAIR, IN_FLIGHT));
    say(
      `pair ${String(pair)}/${String(PAIRS)}: ${flows.perSecond.toFixed(1)} / ${bare.at(-1)?.toFixed(1) ?? ''} per second`,
    );
  }
  const ratios = ours.map((value, index) => value / (bare[index] ?? Number.NaN));
  const spreads = { product: spread(ours), floor: spread(bare), ratio: spread(ratios) };
  return { ...spreads, pairs: PAIRS, perPair: PER_PAIR, inFlight: IN_FLIGHT, lost, doubled };
}

async function measure(stack: StackUnderTest): Promise<Omit<Figures, 'coldStartMs' | 'warmStartMs'>> {
  const erpUrl = await createErpUser(stack);
  const erp = new Pool({ connectionString: erpUrl, max: 2 });
  const product = await Product.of(stack, erp);
  const floor = await Floor.start(stack, erpUrl);
  try {
    say('idle latency');
    const latencies: number[] = [];
    for (let index = 0; index < LATENCIES; index += 1) latencies.push(await product.acceptToOrder());
    const acceptToOrder = {
      count: LATENCIES,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    };
    return { acceptToOrder, ...(await measurePairs(product, floor)) };
  } finally {
    await floor.stop();
    await erp.end();
  }
}

const home = mkdtempSync(join(tmpdir(), 'ecluse-bench-'));
// Started by root, PostgreSQL runs as a user of its own, which has to pass through.
chmodSync(home, 0o711);
const { cold, warm } = await measureStarts(home);
try {
  const figures: Figures = { coldStartMs: cold, warmStartMs: warm.readyMs, ...(await measure(warm)) };
  const report = renderReport(figures, new Date().toISOString().slice(0, 10));
  process.stdout.write(report);
  if (!quick) writeFileSync(join(checkout, 'docs/benchmarks.md'), report);
  if (figures.lost + figures.doubled > 0) process.exitCode = 1;
} finally {
  await warm.stop();
  rmSync(home, { recursive: true, force: true });
}
