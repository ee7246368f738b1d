import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, node24, run } from './run.mjs';

/**
 * Runs one Jest project in a process of its own and counts from its report: `{ passed, failed }`. A file that does not
 * even load, a project without a test, and a run that ends badly although no test failed count as one failure each.
 */
export async function runJest(project) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-jest-'));
  const report = join(folder, 'report.json');
  process.stdout.write(`\nJest project ${project}\n`);
  const { code } = await run(
    node24,
    [
      ...[bin('jest'), '--ci', '--selectProjects', project, '--json', '--outputFile', report],
      // One stack serves all end-to-end specs, and some of them kill its parts: one after the other.
      project === 'e2e' ? '--runInBand' : '--maxWorkers=2',
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'], // the report goes to standard output too
      env: {
        ...process.env,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    },
  );
  try {
    return countResults(JSON.parse(readFileSync(report, 'utf8')), code);
  } catch {
    process.stdout.write(`Jest project ${project} ended with exit code ${code} and without a report\n`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts one report. */
export function countResults(report, code) {
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  if (failed > 0) return { passed, failed };
  return { passed, failed: code !== 0 || report.numTotalTests === 0 ? 1 : 0 };
}
