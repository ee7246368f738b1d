import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { closeAll, newWebhookSecret, openBench, type Tools } from './bench.js';
import { checkout } from './checkout.js';
import { CpuMeter } from './cpu/cpu-meter.js';
import { probeFsync } from './cpu/fsync-probe.js';
import { Generator } from './load/generator-process.js';
import { measure, measureGrowth } from './measure.js';
import { parseOptions, type Options } from './options.js';
import { Pacing } from './pacing.js';
import { renderReport, renderTargets } from './report/render.js';
import { damage, type RunRecord } from './report/run-record.js';

const begun = performance.now();

function say(text: string): void {
  const seconds = Math.round((performance.now() - begun) / 1_000);
  process.stderr.write(
    `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')} ${text}\n`,
  );
}

function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

async function measureAll(tools: Tools): Promise<RunRecord> {
  say('starting a stack of its own');
  const bench = await openBench(tools);
  try {
    const fsync = probeFsync(bench.stack.home);
    const measurements = await measure(bench);
    await measureGrowth(bench, tools, measurements);
    return {
      schema: 1,
      mode: tools.options.quick ? 'quick' : 'full',
      measuredAt: new Date().toISOString(),
      commit: commitOf(),
      minutes: (performance.now() - begun) / 60_000,
      machine: {
        cores: cpus().length,
        processor: cpus()[0]?.model ?? 'unknown',
        memoryGiB: Math.round(totalmem() / 2 ** 30),
        node: process.versions.node,
      },
      fsync,
      coldStartMs: bench.stack.readyMs,
      doubledSinceStart: await bench.product.sink.doubledSinceStart(),
      measurements,
    };
  } finally {
    await bench.close();
  }
}

function publish(record: RunRecord, { write }: Options): void {
  process.stdout.write(`${renderTargets(record)}\n`);
  const { lost, doubled } = damage(record);
  process.stdout.write(`\nlost ${lost}, doubled ${doubled}\n`);
  if (lost + doubled > 0) process.exitCode = 1;
  const raw = `${JSON.stringify(record, null, 2)}\n`;
  const folder = write ? join(checkout, 'docs', 'benchmarks') : join(checkout, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${record.mode}.json`), raw);
  if (write) writeFileSync(join(checkout, 'docs', 'benchmarks.md'), renderReport(record));
  say(`raw figures: ${join(folder, `${record.mode}.json`)}`);
}

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`);
  process.exitCode = 2;
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('stopping');
      void closeAll().finally(() => process.exit(130));
    });
  }
  const cpu = new CpuMeter();
  const generator = await Generator.start();
  cpu.watch(() => [
    [process.pid, 'bench'],
    [generator.pid, 'generator'],
  ]);
  try {
    const pacing = new Pacing(options.quick ? 3 : 30);
    const secret = newWebhookSecret();
    publish(await measureAll({ options, pacing, generator, cpu, secret, say }), options);
  } finally {
    await generator.stop();
  }
}
