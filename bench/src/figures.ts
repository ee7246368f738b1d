import type { CpuUse } from './cpu/accounting.js';

/** One measured run of one side. */
export interface RunFigures {
  /** Deliveries (or calls) that were asked for and accepted. */
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Accepted, and not in the sink's record. */
  readonly lost: number;
  /** Second writes in the sink's record. */
  readonly doubled: number;
  /** CPU milliseconds by group of processes. */
  readonly cpuMs: CpuUse['groups'];
  /** Share of the machine that others used meanwhile, 0..1. */
  readonly foreignShare: number;
}

/** Two sides, measured one after the other. */
export interface Pair {
  readonly a: RunFigures;
  readonly b: RunFigures;
  /** More than 5 % of the machine was used by others: measured once more. */
  readonly disturbed: boolean;
  /** The second try of a disturbed pair. */
  readonly repeated: boolean;
}
export interface Pairs {
  readonly a: string;
  readonly b: string;
  /** In the order in which they were measured; none is dropped. */
  readonly pairs: readonly Pair[];
}

/** Foreign CPU from which a pair is measured again. */
export const DISTURBED_ABOVE = 0.05;

/** Groups that count as the product or as the floor; generator, sink and the benchmark itself are shown beside. */
export const PRODUCT_GROUPS = ['temporal', 'worker', 'ingress', 'postgres', 'vault', 'admin-api'] as const;
export const FLOOR_GROUPS = ['temporal', 'bare worker', 'bare client', 'postgres'] as const;

/** The pairs that figures are made of: a disturbed one counts only when its repetition was no better. */
export function countingPairs({ pairs }: Pairs): Pair[] {
  const counting: Pair[] = [];
  for (const pair of pairs) {
    const before = counting.at(-1);
    if (!pair.repeated || before === undefined) counting.push(pair);
    else if (foreignOf(pair) <= foreignOf(before)) counting[counting.length - 1] = pair;
  }
  return counting;
}

/** The larger foreign share of both sides. */
export function foreignOf({ a, b }: Pick<Pair, 'a' | 'b'>): number {
  return Math.max(a.foreignShare, b.foreignShare);
}
