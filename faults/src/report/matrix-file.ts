import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { mergeRows, totalsOf, type FaultMatrix, type MatrixRow, type SabotageRow } from './matrix.js';
import { renderMatrix } from './render.js';

/** Reads `docs/fault-matrix.json`; empty while there is none. */
export function readMatrix(docs: string): FaultMatrix {
  const file = join(docs, 'fault-matrix.json');
  if (!existsSync(file)) return { totals: totalsOf([]), machine: '', measuredOn: '', rows: [], sabotage: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as FaultMatrix;
}

/** Writes both forms of the matrix, with what was measured now in place of what was measured before. */
export function writeMatrix(
  docs: string,
  now: { readonly rows?: readonly MatrixRow[]; readonly sabotage?: readonly SabotageRow[] },
): void {
  const before = readMatrix(docs);
  const sabotage = new Map([...before.sabotage, ...(now.sabotage ?? [])].map((row) => [row.sabotage, row]));
  const rows = mergeRows(before.rows, now.rows ?? []);
  const matrix: FaultMatrix = {
    totals: totalsOf(rows),
    machine: `${String(cpus().length)} cores, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.versions.node}`,
    measuredOn: new Date().toISOString().slice(0, 10),
    rows,
    sabotage: [...sabotage.values()],
  };
  writeFileSync(join(docs, 'fault-matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`);
  writeFileSync(join(docs, 'fault-matrix.md'), renderMatrix(matrix));
}
