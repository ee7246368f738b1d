import { add, constant, CONTEXT, multiply, scale, type Cost } from './cost.js';
import type { TreeNode } from './expression-tree.js';

/** Functions whose result is not decided by the input. A replay has to compute what the first run computed. */
export const UNDETERMINED = new Set(['now', 'millis', 'random', 'shuffle']);
/** Text that becomes code cannot be analysed. */
export const REFUSED = new Set(['eval']);

/** How a bounded function's result and work relate to the sizes of its arguments. Null: not bounded. */
export interface FunctionBound {
  /** Most arguments for which the bound holds. */
  readonly most: number;
  /** Result for the sum of the arguments' sizes. */
  readonly out: (args: Cost, given: readonly TreeNode[]) => Cost | null;
  /** The result is a text, which `&` takes as it is. */
  readonly text?: true;
  /** Work beyond evaluating the arguments. */
  readonly work?: (args: Cost) => Cost | null;
}

const scalar = (most: number): FunctionBound => ({ most, out: () => constant(2) });
const linear = (most: number, factor: number): FunctionBound => ({
  most,
  out: (args) => scale(args, factor),
});
const text = (most: number, factor: number): FunctionBound => ({ ...linear(most, factor), text: true });
/** Copies what it has for each item; a copied reference costs about a hundredth of an evaluated node. */
const copying = (most: number): FunctionBound => ({
  most,
  out: (args) => scale(args, 2),
  work: (args) => quadratic(args, 0.01),
});

function quadratic(args: Cost, factor: number): Cost | null {
  const square = multiply(args, args);
  return square === null ? null : add(scale(square, factor), scale(args, 40));
}

/** A text that is repeated per character or piece: linear only when it is short and written in the expression. */
function repeatedText(args: Cost, by: TreeNode | undefined, factor: number): Cost | null {
  if (by === undefined || (by.type === 'string' && String(by.value).length <= 32)) return scale(args, factor);
  const square = multiply(args, args);
  return square === null ? null : scale(square, factor);
}

/**
 * The allowlist. Factors: a character may become six in a JSON text, nine in a URL, three in another case; a text of
 * 32 characters may be split into 32 values.
 */
export const BOUNDED_FUNCTIONS: Readonly<Record<string, FunctionBound>> = {
  sum: scalar(1),
  count: scalar(1),
  max: scalar(1),
  min: scalar(1),
  average: scalar(1),
  number: scalar(1),
  abs: scalar(1),
  floor: scalar(1),
  ceil: scalar(1),
  round: scalar(2),
  power: scalar(2),
  sqrt: scalar(1),
  formatBase: { most: 2, out: () => constant(40), text: true },
  boolean: scalar(1),
  not: scalar(1),
  exists: scalar(1),
  type: scalar(1),
  length: scalar(1),
  contains: scalar(2),
  error: scalar(1),
  assert: scalar(2),
  // The second argument of `$string` indents, which multiplies by depth.
  string: text(1, 8),
  substring: text(3, 1),
  substringBefore: text(2, 1),
  substringAfter: text(2, 1),
  uppercase: text(1, 3),
  lowercase: text(1, 3),
  trim: text(1, 1),
  split: linear(3, 40),
  // Every piece may be followed by the whole separator.
  join: { most: 2, out: (args, [, by]) => repeatedText(args, by, 3), text: true },
  replace: { most: 4, out: (args, [, , by]) => repeatedText(args, by, 40), text: true },
  base64encode: text(1, 2),
  base64decode: text(1, 1),
  encodeUrl: text(1, 9),
  encodeUrlComponent: text(1, 9),
  decodeUrl: text(1, 1),
  decodeUrlComponent: text(1, 1),
  keys: copying(1),
  lookup: linear(2, 1),
  append: linear(2, 1),
  reverse: linear(1, 1),
  spread: copying(1),
  merge: linear(1, 1),
  zip: linear(8, 8),
  distinct: { most: 1, out: (args) => args, work: (args) => quadratic(args, 1) },
  // One argument only: a comparison function is code.
  sort: { most: 1, out: (args) => args, work: (args) => quadratic(args, 0.05) },
};

/** All other functions of JSONata; they exist, but run in the sandbox. */
const OTHER_FUNCTIONS = [
  'map',
  'filter',
  'reduce',
  'each',
  'sift',
  'single',
  'match',
  'pad',
  'formatNumber',
  'formatInteger',
  'parseInteger',
  'toMillis',
  'fromMillis',
  'clone',
];
export const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(BOUNDED_FUNCTIONS),
  ...OTHER_FUNCTIONS,
  ...UNDETERMINED,
  ...REFUSED,
]);

/** JSONata fills a missing first argument with the context. */
export function withContext(args: Cost, given: number, bound: FunctionBound): Cost {
  return given < bound.most ? add(args, CONTEXT) : args;
}
