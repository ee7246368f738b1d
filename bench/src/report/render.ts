import {
  countingPairs,
  foreignOf,
  PRODUCT_GROUPS,
  FLOOR_GROUPS,
  type Pairs,
  type RunFigures,
} from '../figures.js';
import { median, spread } from '../statistics.js';
import { damage, type RunRecord } from './run-record.js';
import { markdownTable } from './table.js';
import { cpuPerDelivery, formatSpread, judge, ratios, type Verdict } from './verdicts.js';

/** The table of targets, for the terminal and the document. */
export function renderTargets(record: RunRecord): string {
  const rows = judge(record.measurements).map((verdict) => [
    verdict.id,
    verdict.figure,
    verdict.target,
    verdict.result,
    mark(verdict),
  ]);
  return markdownTable(['id', 'figure', 'target', 'result', ''], rows);
}

function mark({ met }: Verdict): string {
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}

/** The document `docs/benchmarks.md`. */
export function renderReport(record: RunRecord): string {
  const { measurements, machine, fsync } = record;
  const { lost, doubled } = damage(record);
  const { cores, processor, memoryGiB, node } = machine;
  return `# Benchmarks

Made by \`npm run bench\` (${record.mode} run, ${record.minutes.toFixed(0)} minutes) on ${record.measuredAt.slice(0, 10)} from commit ${record.commit}; raw figures:
[benchmarks/${record.mode}.json](benchmarks/${record.mode}.json). How it measures: [bench/README.md](../bench/README.md).

Machine: ${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}; a flushed write of 8 KiB takes ${fsync.p50.toFixed(2)} ms (p99 ${fsync.p99.toFixed(2)} ms). Sender,
Ecluse, Temporal's development server, Vault and PostgreSQL with both databases share it: compare ratios, not absolute figures.

## Targets

${renderTargets(record)}

Median with minimum and maximum over interleaved pairs. Lost ${lost}, doubled ${doubled} over everything measured, by the ERP's own record of
committed writes and the rows of the inbox.

## Rates

${renderRates(record)}

Lost and doubled are those of both sides. A pair during which others used more than 5 % of the machine was measured again; both are in the raw
figures, the quieter one counts here.

## CPU per delivery

${renderCpu(record)}

Milliseconds of CPU, median. Generator and sink (the ERP's database sessions) are not part of the sum. The bare client starts the floor's
workflows and is part of the floor, as door and dispatcher are part of Ecluse.

## Other figures

${renderOthers(record, measurements)}
`;
}

function comparisons({ measurements: m }: RunRecord): [string, Pairs][] {
  const named: [string, Pairs | undefined][] = [
    ['T1', m.ownRunOne],
    ['T2', m.ownRunTwo],
    ['T5', m.accepts],
    ['T6', m.rejects],
    ['T7', m.starts],
    ['T11', m.ageing?.pairs],
    ['T11', m.manyFlows],
  ];
  return named.filter((each): each is [string, Pairs] => each[1] !== undefined);
}

function renderRates(record: RunRecord): string {
  const rows = comparisons(record).map(([id, pairs]) => {
    const counting = countingPairs(pairs);
    const rate = (side: 'a' | 'b'): string =>
      formatSpread(spread(counting.map((pair) => pair[side].perSecond)), 0);
    const all = pairs.pairs.flatMap(({ a, b }) => [a, b]);
    const foreign = Math.max(...counting.map(foreignOf)) * 100;
    return [
      id,
      `${pairs.a}: ${rate('a')}`,
      `${pairs.b}: ${rate('b')}`,
      formatSpread(ratios(pairs), 2),
      `${counting.length} of ${pairs.pairs.length}`,
      `${sum(all, 'lost')}, ${sum(all, 'doubled')}`,
      `${foreign.toFixed(0)} %`,
    ];
  });
  const { batches } = record.measurements;
  if (batches !== undefined) {
    const rate = formatSpread(spread(batches.map(({ perSecond }) => perSecond)), 0);
    const foreign = Math.max(...batches.map(({ foreignShare }) => foreignShare)) * 100;
    const lost = `${sum(batches, 'lost')}, ${sum(batches, 'doubled')}`;
    rows.push([
      'T3',
      `Ecluse, batches: ${rate}`,
      '',
      '',
      `${batches.length}`,
      lost,
      `${foreign.toFixed(0)} %`,
    ]);
  }
  const head = ['', 'per second', 'compared with', 'ratio', 'pairs', 'lost, doubled', 'foreign CPU'];
  return rows.length === 0 ? 'None measured.' : markdownTable(head, rows);
}

function sum(runs: readonly RunFigures[], what: 'lost' | 'doubled'): number {
  return runs.reduce((total, run) => total + run[what], 0);
}

function renderCpu({ measurements }: RunRecord): string {
  const { ownRunOne, ownRunTwo, batches } = measurements;
  const groups = [...new Set([...PRODUCT_GROUPS, ...FLOOR_GROUPS])];
  const rows: string[][] = [];
  const add = (name: string, runs: readonly RunFigures[], counted: readonly string[]): void => {
    const cell = (group: string): string =>
      median(runs.map((run) => cpuPerDelivery(run, [group]))).toFixed(2);
    const total = median(runs.map((run) => cpuPerDelivery(run, counted))).toFixed(2);
    const own = groups.map((group) => (counted.includes(group) ? cell(group) : ''));
    rows.push([name, total, ...own, cell('sink'), cell('generator')]);
  };
  for (const [name, pairs] of [
    ['one effect', ownRunOne],
    ['two effects', ownRunTwo],
  ] as const) {
    if (pairs === undefined) continue;
    const counting = countingPairs(pairs);
    add(
      `Ecluse, ${name}`,
      counting.map(({ a }) => a),
      PRODUCT_GROUPS,
    );
    add(
      `bare worker, ${name}`,
      counting.map(({ b }) => b),
      FLOOR_GROUPS,
    );
  }
  if (batches !== undefined) add('Ecluse, batches', batches, PRODUCT_GROUPS);
  const head = ['', 'sum', ...groups, 'sink', 'generator'];
  return rows.length === 0 ? 'None measured.' : markdownTable(head, rows);
}

function renderOthers(
  record: RunRecord,
  { idle, openLoop, vault, memory, ageing }: RunRecord['measurements'],
): string {
  const rows: string[][] = [
    ['start to ready, empty data folder, servers cached', `${(record.coldStartMs / 1_000).toFixed(1)} s`],
  ];
  const add = (figure: string, value: string): void => {
    rows.push([figure, value]);
  };
  if (idle !== undefined)
    add(
      `idle, from sending to the committed write, n = ${idle.count}`,
      `p50 ${idle.p50.toFixed(0)} ms, p99 ${idle.p99.toFixed(0)} ms`,
    );
  if (openLoop !== undefined)
    add(
      `door, open loop, ${openLoop.sent} deliveries`,
      `p50 ${openLoop.latency.p50.toFixed(1)} ms, largest ${openLoop.latency.max.toFixed(0)} ms`,
    );
  if (vault !== undefined)
    for (const [path, count] of Object.entries(vault.byPath)) add(`Vault: ${path}`, `${count}`);
  if (memory !== undefined) {
    const { before, runs, pssBefore, pssAfter } = memory.worker;
    const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    add(
      `worker, ${before} and ${before + runs} waiting runs`,
      `${mib(pssBefore)} and ${mib(pssAfter)} MiB PSS`,
    );
  }
  if (ageing !== undefined)
    add('aged stack: closed runs, of those copied rows', `${ageing.closedRuns}, ${ageing.copiedRuns}`);
  return markdownTable(['figure', 'value'], rows);
}
