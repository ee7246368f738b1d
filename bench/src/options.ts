/** What is measured, by its id in the table of targets. */
export const TARGET_IDS = [
  'T1',
  'T2',
  'T3',
  'T4',
  'T5',
  'T6',
  'T7',
  'T8',
  'T9',
  'T10',
  'T11',
  'T12',
] as const;
export type TargetId = (typeof TARGET_IDS)[number];

/** How the benchmark was asked to run. */
export interface Options {
  readonly quick: boolean;
  readonly only: ReadonlySet<TargetId>;
  /** Interleaved pairs per comparison. */
  readonly pairs: number;
  /** Keep the result as docs/benchmarks.md and its raw JSON. */
  readonly write: boolean;
}

export const USAGE = `npm run bench -- [--quick] [--only T1,T5] [--pairs 3] [--write]
  --quick   two pairs and short runs, under 8 minutes; T11 is left out
  --only    measure these targets (${TARGET_IDS.join(', ')})
  --pairs   pairs per comparison; default 5, quick 2
  --write   keep the result in docs/ although the run is quick; a full run of all targets always does`;

/** Reads the command line; a text says what is wrong with it. */
export function parseOptions(args: readonly string[]): Options | string {
  const rest = [...args];
  const given: { quick: boolean; write: boolean; only?: string; pairs?: string } = {
    quick: false,
    write: false,
  };
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    if (flag === '--quick') given.quick = true;
    else if (flag === '--write') given.write = true;
    else if (flag === '--only') given.only = rest.shift() ?? '';
    else if (flag === '--pairs') given.pairs = rest.shift() ?? '';
    else return `unknown option ${flag}\n${USAGE}`;
  }
  const names = given.only?.split(',').map((name) => name.trim().toUpperCase()) ?? [...TARGET_IDS];
  const unknown = names.find((name) => !(TARGET_IDS as readonly string[]).includes(name));
  if (unknown !== undefined) return `--only ${unknown}: no such target\n${USAGE}`;
  const pairs = Number(given.pairs ?? (given.quick ? 2 : 5));
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > 50) return `--pairs: expected 1 to 50\n${USAGE}`;
  const only = new Set(names as TargetId[]);
  const complete = !given.quick && only.size === TARGET_IDS.length && pairs >= 5;
  return { quick: given.quick, only, pairs, write: given.write || complete };
}
