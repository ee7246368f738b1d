/**
 * An upper bound as a polynomial of degree two at most in `c`, the size of the context value, and `n`, the size of
 * everything given to the expression. Sizes count values, keys, and text in units of 32 characters.
 */
export interface Cost {
  readonly one: number;
  readonly c: number;
  readonly n: number;
  readonly cc: number;
  readonly cn: number;
  readonly nn: number;
}

export const ZERO: Cost = { one: 0, c: 0, n: 0, cc: 0, cn: 0, nn: 0 };
export const ONE: Cost = { ...ZERO, one: 1 };
export const CONTEXT: Cost = { ...ZERO, c: 1 };
export const EVERYTHING: Cost = { ...ZERO, n: 1 };

export function constant(value: number): Cost {
  return { ...ZERO, one: value };
}

export function add(...costs: Cost[]): Cost {
  return costs.reduce(
    (sum, each) => ({
      one: sum.one + each.one,
      c: sum.c + each.c,
      n: sum.n + each.n,
      cc: sum.cc + each.cc,
      cn: sum.cn + each.cn,
      nn: sum.nn + each.nn,
    }),
    ZERO,
  );
}

export function scale(cost: Cost, factor: number): Cost {
  return {
    one: cost.one * factor,
    c: cost.c * factor,
    n: cost.n * factor,
    cc: cost.cc * factor,
    cn: cost.cn * factor,
    nn: cost.nn * factor,
  };
}

function degree(cost: Cost): number {
  if (cost.cc > 0 || cost.cn > 0 || cost.nn > 0) return 2;
  return cost.c > 0 || cost.n > 0 ? 1 : 0;
}

/** Product, or null when it would be of degree three or more. */
export function multiply(left: Cost, right: Cost): Cost | null {
  if (degree(left) + degree(right) > 2) return null;
  return {
    one: left.one * right.one,
    c: left.one * right.c + left.c * right.one,
    n: left.one * right.n + left.n * right.one,
    cc: left.one * right.cc + left.c * right.c + left.cc * right.one,
    cn: left.one * right.cn + left.c * right.n + left.n * right.c + left.cn * right.one,
    nn: left.one * right.nn + left.n * right.n + left.nn * right.one,
  };
}

/**
 * Bound over a whole sequence: `each` holds for one item of size c, and the items, of size one or more, add up to
 * `total`. Sums of c and of c² are below those of the total; what does not depend on c is paid once per item.
 * Null when the degree gets too high.
 */
export function overSequence(each: Cost, total: Cost): Cost | null {
  const items = add(total, ONE);
  const terms = [
    multiply(constant(each.one), items),
    multiply(constant(each.c), items),
    multiply({ ...ZERO, n: each.n }, items),
    each.cc === 0 ? ZERO : multiply(scale(items, each.cc), items),
    each.cn === 0 ? ZERO : multiply({ ...ZERO, n: each.cn }, items),
    each.nn === 0 ? ZERO : multiply({ ...ZERO, nn: each.nn }, items),
  ];
  return terms.some((term) => term === null) ? null : add(...terms.filter((term) => term !== null));
}

/** The bound outside of any iteration, where the context is part of everything. */
export function atTop(cost: Cost): Cost {
  return { ...ZERO, one: cost.one, n: cost.c + cost.n, nn: cost.cc + cost.cn + cost.nn };
}

/** Value of the bound for a given size of everything. */
export function valueAt(cost: Cost, size: number): number {
  return cost.one + (cost.c + cost.n) * size + (cost.cc + cost.cn + cost.nn) * size * size;
}
