import {
  add,
  atTop,
  constant,
  CONTEXT,
  EVERYTHING,
  multiply,
  ONE,
  overSequence,
  scale,
  ZERO,
  type Cost,
} from './cost.js';
import { leftOf, pairsOf, type TreeNode } from './expression-tree.js';
import { BOUNDED_FUNCTIONS, KNOWN_FUNCTIONS, withContext } from './functions.js';

/** Size of the result and number of evaluated nodes. */
interface Bound {
  readonly out: Cost;
  readonly work: Cost;
}
interface Scope {
  readonly variables: Map<string, Cost>;
  /** Evaluated once per item of some sequence. Otherwise the context is the body itself, which is no array. */
  readonly repeated: boolean;
}

/** Beyond this factor an expression is not worth bounding, and the numbers may be a doubling at work. */
const LARGEST_FACTOR = 10_000;
const NOTHING: Bound = { out: ZERO, work: ONE };
const ITEMS: Bound = { out: CONTEXT, work: ONE };
/** Deeper trees are left to the sandbox: evaluation recurses. */
const DEEPEST = 100;
const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>=', 'in', 'and', 'or']);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%']);
/** Longest range written with two literals that stays in process. */
const LONGEST_RANGE = 1_000;

/**
 * Finds an upper bound of an expression's work, or the reasons why there is none. Allowlist: a node type or
 * function that is not mentioned here has no bound.
 */
export class BoundAnalysis {
  private readonly reasons = new Set<string>();
  private depth = 0;

  /** Null with `why()` filled when no bound was found. */
  bound(root: TreeNode): Cost | null {
    const { out, work } = this.visit(root, { variables: new Map(), repeated: false });
    const cost = atTop(add(out, work));
    if (Math.max(cost.one, cost.n, cost.nn) > LARGEST_FACTOR) this.give('its result grows too fast');
    return this.reasons.size === 0 ? cost : null;
  }

  why(): string[] {
    return [...this.reasons];
  }

  private give(reason: string): Bound {
    this.reasons.add(reason);
    return NOTHING;
  }
  private checked(cost: Cost | null): Cost {
    if (cost !== null) return cost;
    this.give('it combines every item of one list with every item of others');
    return ZERO;
  }

  private visit(node: TreeNode, scope: Scope): Bound {
    if (node.tuple === true || node.focus !== undefined || node.index !== undefined) {
      return this.give('it binds positions or parents (@, #, %)');
    }
    if (this.depth === DEEPEST) return this.give('it is nested deeply');
    this.depth += 1;
    const plain = this.visitPlain(node, scope);
    this.depth -= 1;
    const filtered = (node.predicate ?? []).reduce(
      (bound, { expr }) => this.filter(bound, expr, scope),
      plain,
    );
    if (node.group === undefined || node.type === 'path') return filtered;
    return this.then(filtered, this.construct(pairsOf(node.group), { ...scope, repeated: true }));
  }

  private visitPlain(node: TreeNode, scope: Scope): Bound {
    switch (node.type) {
      case 'string':
        return { out: constant(1 + String(node.value).length / 32), work: ONE };
      case 'number':
      case 'value':
        return { out: ONE, work: ONE };
      case 'name':
        return { out: CONTEXT, work: add(CONTEXT, ONE) };
      case 'wildcard':
        return { out: CONTEXT, work: add(CONTEXT, ONE, { ...ZERO, cc: 0.01 }) };
      case 'variable':
        return this.variable(String(node.value), scope);
      case 'path':
        return this.path(node, scope);
      case 'binary':
        return this.binary(node, scope);
      case 'unary':
        return this.unary(node, scope);
      case 'block':
        return this.block(node.expressions ?? [], { ...scope, variables: new Map(scope.variables) });
      case 'condition':
        return this.condition(node, scope);
      case 'bind':
        return this.bind(node, scope);
      case 'function':
        return this.call(node, scope);
      default:
        return this.give(UNBOUNDED_NODES[node.type] ?? `it uses ${node.type}`);
    }
  }

  private variable(name: string, scope: Scope): Bound {
    if (name === '') return { out: CONTEXT, work: ONE };
    const bound = scope.variables.get(name);
    if (bound !== undefined) return { out: bound, work: ONE };
    if (KNOWN_FUNCTIONS.has(name)) return this.give('it passes functions as values');
    return { out: EVERYTHING, work: ONE };
  }

  private path(node: TreeNode, scope: Scope): Bound {
    const [first, ...rest] = node.steps ?? [];
    if (first === undefined) return NOTHING;
    // A path from a variable, or from the body, starts once; any other starts at each item of its context.
    const once = first.type === 'variable' || !scope.repeated;
    const inside = { ...scope, repeated: true };
    const start = once
      ? this.stages(this.visit(first, scope), first, inside)
      : this.step(ITEMS, first, inside);
    const current = rest.reduce((bound, step) => this.step(bound, step, inside), start);
    return node.group === undefined
      ? current
      : this.then(current, this.construct(pairsOf(node.group), { ...scope, repeated: true }));
  }

  private step(before: Bound, step: TreeNode, scope: Scope): Bound {
    if (step.type === 'sort') return this.sort(before, step, scope);
    return this.stages(this.then(before, this.visit(step, scope)), step, scope);
  }

  private stages(reached: Bound, step: TreeNode, scope: Scope): Bound {
    return (step.stages ?? []).reduce(
      (bound, stage) =>
        stage.type === 'filter' ? this.filter(bound, stage.expr, scope) : this.give('it binds positions'),
      reached,
    );
  }

  private sort(before: Bound, step: TreeNode, scope: Scope): Bound {
    const terms = add(
      ...(step.terms ?? []).map((term) => this.visit(term.expression, { ...scope, repeated: true }).work),
    );
    // Merge sort: each item takes part in about 2 · log2(items) comparisons; the library copies the rest each time.
    const compared = scale(this.checked(overSequence(terms, before.out)), 40);
    const copied = scale(this.checked(multiply(before.out, before.out)), 0.05);
    return { out: before.out, work: add(before.work, compared, copied) };
  }

  /** `next` for each item of what `before` gives. */
  private then(before: Bound, next: Bound): Bound {
    const out = this.checked(overSequence(next.out, before.out));
    return { out, work: add(before.work, this.checked(overSequence(next.work, before.out)), out) };
  }

  private filter(before: Bound, predicate: TreeNode | undefined, scope: Scope): Bound {
    if (predicate === undefined) return before;
    const test = this.visit(predicate, { ...scope, repeated: true });
    const work = add(before.work, this.checked(overSequence(add(test.work, test.out), before.out)));
    if (givesAtMostOne(predicate)) return { out: before.out, work };
    // A list of numbers picks, and may repeat, items.
    const repeated = multiply(CONTEXT, add(test.out, ONE));
    const out = repeated === null ? null : overSequence(repeated, before.out);
    return { out: this.checked(out), work };
  }

  private binary(node: TreeNode, scope: Scope): Bound {
    const operator = String(node.value);
    const left = leftOf(node);
    if (left === undefined || node.rhs === undefined) return this.give(`it uses ${operator}`);
    if (operator === '..') return this.range(left, node.rhs);
    const [lhs, rhs] = [this.visit(left, scope), this.visit(node.rhs, scope)];
    const work = add(lhs.work, rhs.work, lhs.out, rhs.out, ONE);
    if (COMPARISONS.has(operator) || ARITHMETIC.has(operator)) return { out: ONE, work };
    if (operator !== '&') return this.give(`it uses ${operator}`);
    const out = add(ONE, scale(lhs.out, isText(left) ? 1 : 8), scale(rhs.out, isText(node.rhs) ? 1 : 8));
    return { out, work: add(work, out) };
  }

  private range(from: TreeNode, to: TreeNode): Bound {
    const length =
      from.type === 'number' && to.type === 'number' ? Number(to.value) - Number(from.value) + 1 : NaN;
    if (!(length <= LONGEST_RANGE))
      return this.give('it counts a range (..) whose length is not written in it');
    return { out: constant(Math.max(1, length)), work: constant(Math.max(1, length)) };
  }

  private unary(node: TreeNode, scope: Scope): Bound {
    if (node.value === '{') {
      return scope.repeated
        ? this.then(ITEMS, this.construct(pairsOf(node), scope))
        : this.construct(pairsOf(node), scope);
    }
    if (node.value === '[') {
      const parts = (node.expressions ?? []).map((each) => this.visit(each, scope));
      // Each part is appended to a copy of the ones before.
      const out = add(ONE, ...parts.map((part) => part.out));
      return { out, work: add(ONE, scale(out, 1 + parts.length / 100), ...parts.map((part) => part.work)) };
    }
    if (node.expression === undefined) return this.give(`it uses ${String(node.value)}`);
    return { out: ONE, work: add(this.visit(node.expression, scope).work, ONE) };
  }

  /** Keys are evaluated per item, values per group of items with one key, and items are appended to their group. */
  private construct(pairs: readonly [TreeNode, TreeNode][], scope: Scope): Bound {
    const bounds = pairs.flatMap(([key, value]) => [this.visit(key, scope), this.visit(value, scope)]);
    const out = add(ONE, ...bounds.map((bound) => bound.out));
    return { out, work: add(ONE, out, { ...ZERO, cc: 0.01 }, ...bounds.map((bound) => bound.work)) };
  }

  private block(expressions: readonly TreeNode[], scope: Scope): Bound {
    const bounds = expressions.map((each) => this.visit(each, scope));
    return { out: bounds.at(-1)?.out ?? ZERO, work: add(ONE, ...bounds.map((bound) => bound.work)) };
  }

  private condition(node: TreeNode, scope: Scope): Bound {
    const parts = [node.condition, node.then, node.else].map((part) =>
      part === undefined ? NOTHING : this.visit(part, scope),
    );
    const [, yes = NOTHING, no = NOTHING] = parts;
    return { out: add(yes.out, no.out), work: add(ONE, ...parts.map((part) => add(part.work, part.out))) };
  }

  private bind(node: TreeNode, scope: Scope): Bound {
    const name = String(leftOf(node)?.value);
    if (node.rhs === undefined) return this.give('it uses :=');
    if (KNOWN_FUNCTIONS.has(name)) return this.give(`it redefines $${name}`);
    const value = this.visit(node.rhs, scope);
    if (scope.repeated) return this.give('it binds a variable for every item');
    scope.variables.set(name, atTop(value.out));
    return value;
  }

  private call(node: TreeNode, scope: Scope): Bound {
    const name = node.procedure?.type === 'variable' ? String(node.procedure.value) : '';
    const bound = Object.hasOwn(BOUNDED_FUNCTIONS, name) ? BOUNDED_FUNCTIONS[name] : undefined;
    const parts = (node.arguments ?? []).map((argument) => this.visit(argument, scope));
    if (bound === undefined || parts.length > bound.most) {
      return this.give(name === '' ? 'it calls a function that it computes' : `it calls $${name}`);
    }
    const size = add(withContext(add(...parts.map((part) => part.out)), parts.length, bound), ONE);
    const out = this.checked(bound.out(size, node.arguments ?? []));
    const own = bound.work === undefined ? ZERO : this.checked(bound.work(size));
    return { out, work: add(ONE, size, out, own, ...parts.map((part) => part.work)) };
  }
}

/** What `&` takes as it is; everything else may become JSON text, in which a character may take six. */
function isText(node: TreeNode): boolean {
  if (node.type === 'string') return true;
  if (node.type === 'binary') return node.value === '&';
  const called = node.type === 'function' ? String(node.procedure?.value) : '';
  return Object.hasOwn(BOUNDED_FUNCTIONS, called) && BOUNDED_FUNCTIONS[called]?.text === true;
}

/** A filter by condition or by one literal index keeps each item once at most. */
function givesAtMostOne(predicate: TreeNode): boolean {
  if (predicate.type === 'number' || predicate.type === 'string' || predicate.type === 'value') return true;
  if (predicate.type === 'unary') return predicate.value === '-';
  if (predicate.type === 'binary')
    return COMPARISONS.has(String(predicate.value)) || ARITHMETIC.has(String(predicate.value));
  const called = predicate.type === 'function' ? predicate.procedure?.value : undefined;
  return typeof called === 'string' && ['exists', 'not', 'boolean', 'contains', 'count'].includes(called);
}

const UNBOUNDED_NODES: Readonly<Record<string, string>> = {
  regex: 'it uses a regular expression',
  lambda: 'it defines a function',
  partial: 'it applies a function partially',
  apply: 'it chains functions (~>)',
  transform: 'it transforms copies (|…|…|)',
  descendant: 'it searches all descendants (**)',
  parent: 'it looks at parents (%)',
};
