import type { Tools } from './bench.js';
import { DISTURBED_ABOVE, foreignOf, type Pair, type Pairs, type RunFigures } from './figures.js';
import { countFor } from './pacing.js';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** Measures `count` of whatever it does. */
  run(count: number): Promise<RunFigures>;
}

/** How large the runs of a comparison are. */
export interface RunSize {
  /** Calls of the warm-up, about three seconds. */
  readonly warmUp: number;
  /** Seconds that a run should take at the slower side's rate. */
  readonly seconds: number;
  readonly most: number;
}

/** Measures A-B-A-B: what drifts on the machine meets both sides. A pair that others disturbed is measured once more. */
export async function interleave(
  [a, b]: readonly [Side, Side],
  size: RunSize,
  { options, pacing, say }: Tools,
): Promise<Pairs> {
  const warm = [await a.run(size.warmUp), await b.run(size.warmUp)];
  const rates = warm.map(({ perSecond }) => perSecond);
  const count = countFor(size.seconds, rates, size.most);
  const pairs: Pair[] = [];
  for (let number = 1; number <= options.pairs; number += 1) {
    const first = await measurePair(a, b, count, false);
    pairs.push(first);
    say(`pair ${number}/${options.pairs}: ${describe(a, b, first)}`);
    if (!first.disturbed || !pacing.mayRepeat()) continue;
    const second = await measurePair(a, b, count, true);
    pairs.push(second);
    say(`pair ${number}/${options.pairs}, again: ${describe(a, b, second)}`);
  }
  return { a: a.name, b: b.name, pairs };
}

async function measurePair(a: Side, b: Side, count: number, repeated: boolean): Promise<Pair> {
  const both = { a: await a.run(count), b: await b.run(count) };
  return { ...both, disturbed: foreignOf(both) > DISTURBED_ABOVE, repeated };
}

function describe(a: Side, b: Side, pair: Pair): string {
  const rate = (side: Side, figures: RunFigures): string => `${side.name} ${figures.perSecond.toFixed(1)}/s`;
  const disturbed = pair.disturbed ? `, others used ${(foreignOf(pair) * 100).toFixed(0)} %` : '';
  return `${rate(a, pair.a)}, ${rate(b, pair.b)}${disturbed}`;
}
