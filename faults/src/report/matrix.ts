import { CASES } from '../cases/index.js';
import type { FaultResult } from '../runs/fault-result.js';
import { passes, type VariantResult } from '../run-case.js';

/** One line of the matrix: all runs of a variant. */
export interface MatrixRow {
  readonly case: string;
  readonly variant: string;
  readonly fault: string;
  readonly means: string;
  readonly form: 'quick' | 'full';
  readonly runs: number;
  /** Seed of the first run; the others follow from it. */
  readonly seed: number;
  /** Sums over the runs. */
  readonly inFlight: number;
  readonly accepted: number;
  readonly lost: number;
  readonly doubled: number;
  readonly absorbed: number;
  readonly parked: number;
  /** Of the worst run, percent. */
  readonly successes: number;
  /** Of the slowest run, seconds; null: never. */
  readonly recovery: Readonly<Record<string, number | null>>;
  /** Worst answer of the door during a fault, milliseconds; null: it gave none. */
  readonly doorWorst: number | null;
  /** Largest share of the machine that strangers used, percent. */
  readonly foreignCpu: number;
  readonly pass: boolean;
  /** What was found: violations, missed times, broken runs. */
  readonly findings: readonly string[];
  /** Seconds of all runs. */
  readonly seconds: number;
}

/** A sabotaged build, and which case noticed. */
export interface SabotageRow {
  readonly sabotage: string;
  readonly change: string;
  readonly case: string;
  readonly variant: string;
  readonly caught: boolean;
  readonly findings: readonly string[];
}

/** Content of `docs/fault-matrix.json`. */
export interface FaultMatrix {
  readonly machine: string;
  readonly measuredOn: string;
  readonly rows: readonly MatrixRow[];
  readonly sabotage: readonly SabotageRow[];
}

/** Sums the runs of a variant up. */
export function matrixRow(result: VariantResult, form: 'quick' | 'full', seed: number): MatrixRow {
  const { runs, errors } = result;
  const known = CASES.find(({ id }) => id === result.case);
  const sum = (count: (run: FaultResult) => number): number =>
    runs.reduce((total, run) => total + count(run), 0);
  const worsts = runs.flatMap(({ door }) => door?.worstMs ?? []);
  return {
    case: result.case,
    variant: result.variant,
    fault: known?.fault ?? '',
    means: known?.means ?? '',
    form,
    runs: runs.length + errors.length,
    seed: runs[0]?.seed ?? seed,
    inFlight: sum((run) => run.inFlight),
    accepted: sum((run) => run.accepted),
    lost: sum((run) => run.lost),
    doubled: sum((run) => run.doubled),
    absorbed: sum((run) => run.absorbed),
    parked: sum((run) => run.parked),
    successes: round(Math.min(...runs.map(({ successes }) => successes), 1) * 100),
    recovery: slowest(runs),
    doorWorst: worsts.length === 0 ? null : Math.max(...worsts),
    foreignCpu: round(Math.max(0, ...runs.map(({ foreignCpu }) => foreignCpu)) * 100),
    pass: errors.length === 0 && runs.length > 0 && runs.every(passes),
    findings: [
      ...errors,
      ...runs.flatMap(({ violations, late }) => [...violations, ...late.map((each) => `late: ${each}`)]),
    ],
    seconds: round(result.seconds),
  };
}

function slowest(runs: readonly FaultResult[]): MatrixRow['recovery'] {
  const names = new Set(runs.flatMap(({ recovery }) => Object.keys(recovery)));
  return Object.fromEntries(
    [...names].map((name) => {
      const ms = Math.max(...runs.map(({ recovery }) => recovery[name]?.ms ?? 0));
      return [name, Number.isFinite(ms) ? round(ms / 1000) : null];
    }),
  );
}

/** Rows of this run replace those of the same case and variant; the others stay. A quick run replaces no full one. */
export function mergeRows(before: readonly MatrixRow[], now: readonly MatrixRow[]): MatrixRow[] {
  const name = (row: MatrixRow): string => `${row.case} ${row.variant}`;
  const rows = new Map(before.map((row) => [name(row), row]));
  for (const row of now) {
    if (row.form === 'full' || rows.get(name(row))?.form !== 'full') rows.set(name(row), row);
  }
  const order = CASES.flatMap(({ id, variants }) => variants.map((variant) => `${id} ${variant.name}`));
  return [...rows.values()].sort((a, b) => order.indexOf(name(a)) - order.indexOf(name(b)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
