import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, type SuiteOptions } from './arguments.js';
import { CASES } from './cases/index.js';
import { passes, runCase, type VariantResult } from './run-case.js';
import { openScene } from './scene.js';

/** Root of the checkout; this file runs from `faults/dist`. */
const checkout = fileURLToPath(new URL('../../', import.meta.url));

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

async function suite(options: SuiteOptions): Promise<VariantResult[]> {
  const home = mkdtempSync(join(tmpdir(), 'ecluse-faults-'));
  // Started by root, PostgreSQL runs as a user of its own, which has to pass through.
  chmodSync(home, 0o711);
  const scene = await openScene({ home, checkout: process.env['ECLUSE_FAULTS_CHECKOUT'] ?? checkout });
  try {
    const wanted = CASES.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
    const results: VariantResult[] = [];
    for (const faultCase of wanted) results.push(...(await runCase(scene, faultCase, { ...options, say })));
    return results;
  } finally {
    await scene.close();
    if (process.env['ECLUSE_FAULTS_KEEP'] === undefined) rmSync(home, { recursive: true, force: true });
  }
}

const options = readArguments(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
say(`seed ${String(options.seed)}`);
const results = await suite(options);
const failed = results.filter(({ runs, errors }) => errors.length > 0 || !runs.every(passes));
say(
  failed.length === 0
    ? 'all pass'
    : `failed: ${failed.map((each) => `${each.case} ${each.variant}`).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
