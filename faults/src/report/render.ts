import { CASES } from '../cases/index.js';
import type { FaultMatrix, MatrixRow, SabotageRow } from './matrix.js';

/** Largest chance of a loss that the runs leave open: none was seen in so many (95 %). */
function bound(inFlight: number): string {
  return inFlight === 0 ? 'nothing' : `${((3 / inFlight) * 100).toFixed(2)} %`;
}

/** The document `docs/fault-matrix.md`. */
export function renderMatrix({ totals, machine, measuredOn, rows, sabotage }: FaultMatrix): string {
  const sum = (count: (row: MatrixRow) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return `# Fault matrix

Made by \`npm run faults\` on ${measuredOn} (${machine}); the raw figures are in [fault-matrix.json](fault-matrix.json). How the
suite works, and what each case demands, is in [faults.md](faults.md).

${String(sum((row) => row.accepted))} deliveries were accepted, ${String(sum((row) => row.inFlight))} of them in flight when a fault hit, ${String(totals.inFlight)} of these when
processes were killed: **${String(totals.lost)} lost, ${String(totals.doubled)} doubled**.${totals.lost > 0 ? '' : ` No loss among ${String(totals.inFlight)} bounds its rate per kill at ${bound(totals.inFlight)} (95 %).`}

| case | fault | runs | seed | in flight | accepted | lost | doubled | absorbed | parked | done | recovery | door, worst | strangers | |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.map(renderRow).join('\n')}

*In flight*: accepted, and not done, when the fault hit. *Absorbed*: calls that a remote recognised by their idempotency key; nothing was
done twice. *Parked*: in a visible final state other than success, such as \`outcome unknown\` at a remote without keys. *Done*: share of the
deliveries that have to succeed and did, in the worst run. *Recovery*: of the slowest run. *Strangers*: CPU that other programs used;
above 10 % a missed time is reported and does not fail a case.
${findingsOf(rows)}
## What a case does not cover

${CASES.filter(({ notCovered }) => notCovered !== undefined)
  .map(({ id, notCovered }) => `- **${id}**: ${notCovered ?? ''}.`)
  .join('\n')}
${sabotageOf(sabotage)}`;
}

function renderRow(row: MatrixRow): string {
  const recovery = Object.entries(row.recovery).map(
    ([what, seconds]) => `${what} ${seconds === null ? 'never' : `${seconds.toFixed(1)} s`}`,
  );
  const shares = Object.entries(row.shares ?? {}).map(([name, count]) => `${name} did ${String(count)}`);
  const cells = [
    `${row.case} ${row.variant}`,
    row.fault,
    `${String(row.runs)} × ${row.form}`,
    row.seed,
    row.inFlight,
    row.accepted,
    row.lost,
    row.doubled,
    row.absorbed,
    row.parked,
    `${row.successes.toFixed(1)} %`,
    [...recovery, ...shares].join(', '),
    row.doorWorst === null ? '–' : `${String(row.doorWorst)} ms`,
    `${row.foreignCpu.toFixed(0)} %`,
    row.pass ? 'pass' : '**FAIL**',
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function findingsOf(rows: readonly MatrixRow[]): string {
  const lines = rows.flatMap((row) =>
    row.findings.map((finding) => `- ${row.case} ${row.variant}: ${finding}`),
  );
  return lines.length === 0 ? '' : `\n## Findings\n\n${lines.join('\n')}\n`;
}

function sabotageOf(rows: readonly SabotageRow[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    (row) =>
      `| ${row.sabotage} | ${row.change} | ${row.case} ${row.variant} | ${row.caught ? 'caught' : '**not caught**'} | ${row.findings[0]?.replaceAll('|', '\\|') ?? ''} |`,
  );
  return `
## Broken builds

\`npm run faults -- --sabotage\` breaks a copy of the build on purpose and runs one case on it: a suite that everything passes proves nothing.

| break | change | case | | found |
|---|---|---|---|---|
${lines.join('\n')}
`;
}
