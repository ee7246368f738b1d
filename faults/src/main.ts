import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, type SuiteOptions } from './arguments.js';
import { CASES } from './cases/index.js';
import { matrixRow, type MatrixRow } from './report/matrix.js';
import { writeMatrix } from './report/matrix-file.js';
import { runCase } from './run-case.js';
import { runSabotages } from './sabotage/run-sabotages.js';
import { openScene } from './scene.js';

/** Root of the checkout; this file runs from `faults/dist`. */
const checkout = fileURLToPath(new URL('../../', import.meta.url));

const docs = join(checkout, 'docs');

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Runs the wanted cases on one stack; the matrix is written after each, so that a long run leaves what it has. */
async function suite(options: SuiteOptions): Promise<MatrixRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'ecluse-faults-'));
  // Started by root, PostgreSQL runs as a user of its own, which has to pass through.
  chmodSync(home, 0o711);
  const open = (folder: string) => openScene({ home: folder, checkout });
  const scene = await open(home);
  const rows: MatrixRow[] = [];
  try {
    for (const faultCase of CASES.filter(
      ({ id }) => options.only.length === 0 || options.only.includes(id),
    )) {
      const results = await runCase(scene, faultCase, { ...options, say, openScene: open });
      const found = results.map((result) => matrixRow(result, options.form, options.seed));
      writeMatrix(docs, { rows: found });
      rows.push(...found);
    }
    return rows;
  } finally {
    await scene.close();
    rmSync(home, { recursive: true, force: true });
  }
}

// The stack's processes lead groups of their own: they are ended on the way out, see `openScene`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const options = readArguments(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
say(`seed ${String(options.seed)}`);
if (options.sabotage) {
  const rows = await runSabotages(checkout, options, say, (row) => {
    writeMatrix(docs, { sabotage: [row] });
  });
  process.exitCode = rows.every(({ caught }) => caught) ? 0 : 1;
} else {
  const rows = await suite(options);
  const failed = rows.filter(({ pass }) => !pass);
  say(
    failed.length === 0
      ? 'all pass'
      : `failed: ${failed.map((row) => `${row.case} ${row.variant}`).join(', ')}`,
  );
  process.exitCode = failed.length === 0 && rows.length > 0 ? 0 : 1;
}
