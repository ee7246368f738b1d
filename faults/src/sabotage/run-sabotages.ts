import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteOptions } from '../arguments.js';
import { CASES } from '../cases/index.js';
import type { SabotageRow } from '../report/matrix.js';
import { runCase } from '../run-case.js';
import { openScene } from '../scene.js';
import { breakCopy } from './broken-copy.js';
import type { Sabotage } from './sabotage.js';
import { SABOTAGES } from './sabotages.js';

/** Breaks a copy of the build, one promise after the other, and runs the case that has to notice; `onRow` hears of each. */
export async function runSabotages(
  checkout: string,
  options: SuiteOptions,
  say: (text: string) => void,
  onRow: (row: SabotageRow) => void,
): Promise<SabotageRow[]> {
  const wanted = SABOTAGES.filter((each) => options.only.length === 0 || options.only.includes(each.case));
  const rows: SabotageRow[] = [];
  for (const sabotage of wanted) {
    say(`sabotage: ${sabotage.name}`);
    const row = await runSabotage(checkout, sabotage, options, say).catch((error: unknown) => ({
      ...rowOf(sabotage),
      caught: false,
      findings: [error instanceof Error ? error.message : String(error)],
    }));
    say(`sabotage: ${sabotage.name}: ${row.caught ? 'caught' : 'NOT CAUGHT'} ${row.findings[0] ?? ''}`);
    onRow(row);
    rows.push(row);
  }
  return rows;
}

async function runSabotage(
  checkout: string,
  sabotage: Sabotage,
  { seed }: SuiteOptions,
  say: (text: string) => void,
): Promise<SabotageRow> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-sabotage-'));
  chmodSync(folder, 0o711);
  try {
    breakCopy(checkout, join(folder, 'copy'), sabotage);
    const open = (home: string) => openScene({ home, checkout: join(folder, 'copy') });
    const scene = await open(join(folder, 'home'));
    try {
      const known = CASES.find(({ id }) => id === sabotage.case);
      const variants = known?.variants.filter(({ name }) => name === sabotage.variant) ?? [];
      if (known === undefined || variants.length === 0)
        throw new Error(`no case ${sabotage.case} ${sabotage.variant}`);
      const results = await runCase(
        scene,
        { ...known, variants },
        { form: 'quick', hurried: true, seed, repeat: 1, say, openScene: open },
      );
      // Only what the run found counts: one that breaks down by itself has noticed nothing, nor has one that fails for another reason.
      const findings = results.flatMap(({ runs }) => runs.flatMap(({ violations }) => violations));
      const told = findings.filter((finding) => sabotage.finds.test(finding));
      const others = findings.filter((finding) => !told.includes(finding));
      return { ...rowOf(sabotage), caught: told.length > 0, findings: [...told, ...others] };
    } finally {
      await scene.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf({ name, change, case: id, variant }: Sabotage): Omit<SabotageRow, 'caught' | 'findings'> {
  return { sabotage: name, change, case: id, variant };
}
