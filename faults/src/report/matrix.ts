import { FORMS, type Form } from '../arguments.js';
import { CASES } from '../cases/index.js';
import type { FaultResult } from '../runs/fault-result.js';
import { passes, type VariantResult } from '../run-case.js';

/** One line of the matrix: all runs of a variant. */
export interface MatrixRow {
  readonly case: string;
  readonly variant: string;
  readonly fault: string;
  readonly means: string;
  readonly form: Form;
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
  /** Pieces of work by process over all runs, where several share it. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Worst answer of the door during a fault, milliseconds; null: it gave none. */
  readonly doorWorst: number | null;
  /** p99 of the door, of the worst run; null: the fault hits the door itself, or it was asked nothing. Milliseconds. */
  readonly doorP99: number | null;
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

/** What the benchmark's targets T9 and T12 read. */
export interface FaultTotals {
  /** Deliveries in flight when processes were killed. */
  readonly inFlight: number;
  /** Over all rows. */
  readonly lost: number;
  readonly doubled: number;
  /** Largest p99 of the door during a fault of something else; absent while none was measured. Milliseconds. */
  readonly doorP99Ms?: number;
}

/** Content of `docs/fault-matrix.json`. */
export interface FaultMatrix {
  readonly totals: FaultTotals;
  readonly machine: string;
  readonly measuredOn: string;
  readonly rows: readonly MatrixRow[];
  readonly sabotage: readonly SabotageRow[];
}

/** Sums the runs of a variant up. */
export function matrixRow(result: VariantResult, form: Form, seed: number): MatrixRow {
  const { runs, errors } = result;
  const known = CASES.find(({ id }) => id === result.case);
  const sum = (count: (run: FaultResult) => number): number =>
    runs.reduce((total, run) => total + count(run), 0);
  const worsts = runs.flatMap(({ door }) => door?.worstMs ?? []);
  const p99s = runs.flatMap(({ door, doorSpared }) => (doorSpared ? (door?.p99Ms ?? []) : []));
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
    ...sharesOf(runs),
    doorWorst: worsts.length === 0 ? null : Math.max(...worsts),
    doorP99: p99s.length === 0 ? null : Math.max(...p99s),
    foreignCpu: round(Math.max(0, ...runs.map(({ foreignCpu }) => foreignCpu)) * 100),
    pass: errors.length === 0 && runs.length > 0 && runs.every(passes),
    findings: [
      ...errors,
      ...runs.flatMap(({ violations, late }) => [...violations, ...late.map((each) => `late: ${each}`)]),
    ],
    seconds: round(result.seconds),
  };
}

function sharesOf(runs: readonly FaultResult[]): Pick<MatrixRow, 'shares'> {
  const shares: Record<string, number> = {};
  for (const [name, count] of runs.flatMap((run) => Object.entries(run.shares ?? {})))
    shares[name] = (shares[name] ?? 0) + count;
  return Object.keys(shares).length === 0 ? {} : { shares };
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

/** Sums the rows up. Only kills count as in flight: what a slow network holds is not at risk in the same way. */
export function totalsOf(rows: readonly MatrixRow[]): FaultTotals {
  const killing = new Set(
    CASES.flatMap(({ id, variants }) =>
      variants.filter(({ kills }) => kills === true).map(({ name }) => `${id} ${name}`),
    ),
  );
  const sum = (some: readonly MatrixRow[], count: (row: MatrixRow) => number): number =>
    some.reduce((total, row) => total + count(row), 0);
  const p99s = rows.flatMap(({ doorP99 }) => doorP99 ?? []);
  return {
    inFlight: sum(
      rows.filter((row) => killing.has(`${row.case} ${row.variant}`)),
      (row) => row.inFlight,
    ),
    lost: sum(rows, (row) => row.lost),
    doubled: sum(rows, (row) => row.doubled),
    ...(p99s.length === 0 ? {} : { doorP99Ms: Math.max(...p99s) }),
  };
}

/** Rows of this run replace those of the same case and variant; the others stay. A shorter form replaces no longer one. */
export function mergeRows(before: readonly MatrixRow[], now: readonly MatrixRow[]): MatrixRow[] {
  const name = (row: MatrixRow): string => `${row.case} ${row.variant}`;
  const rows = new Map(before.map((row) => [name(row), row]));
  for (const row of now) {
    const known = rows.get(name(row));
    if (known === undefined || FORMS.indexOf(row.form) >= FORMS.indexOf(known.form)) rows.set(name(row), row);
  }
  const order = CASES.flatMap(({ id, variants }) => variants.map((variant) => `${id} ${variant.name}`));
  return [...rows.values()].sort((a, b) => order.indexOf(name(a)) - order.indexOf(name(b)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
