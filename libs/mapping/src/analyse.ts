import jsonata from 'jsonata';
import { BoundAnalysis } from './bound-analysis.js';
import type { Cost } from './cost.js';
import { allNodes, boundNames, type TreeNode } from './expression-tree.js';
import { syntaxFault, type ExpressionFault } from './fault.js';
import { KNOWN_FUNCTIONS, REFUSED, UNDETERMINED } from './functions.js';
import { stepReferences, type StepReference } from './step-references.js';

/** Longest expression, in characters. */
export const MAX_EXPRESSION_LENGTH = 16_384;
/** Variables that every expression may use beside its own. */
export const BINDINGS = ['steps', 'delivery'] as const;

export interface References {
  /** Steps whose output is read by name, `$steps.<id>`, each use once. */
  steps: StepReference[];
  /** `$steps` is also used in another way, so that which outputs it reads shows only when it runs. */
  allSteps: boolean;
  /** Reads `$delivery`. */
  delivery: boolean;
}
export type Analysis =
  | {
      ok: true;
      /** True: its work has a known bound, so it may run in process. False: sandbox. */
      bounded: boolean;
      /** Upper bound of evaluated nodes by size of input and bindings; null when unbounded. */
      cost: Cost | null;
      /** Why it is not bounded; empty when it is. */
      why: string[];
      references: References;
    }
  | { ok: false; faults: ExpressionFault[] };

/**
 * Analyses a JSONata expression before it may run. Refused: what does not parse, more than 16,384 characters,
 * `$eval`, `$now`, `$millis`, `$random`, `$shuffle` (a replay has to compute the same), unknown variables and
 * functions, and assignments to `$steps` and `$delivery`.
 */
export function analyse(expression: string): Analysis {
  const length = lengthFault(expression);
  if (length !== null) return { ok: false, faults: [length] };
  let tree: TreeNode;
  try {
    tree = jsonata(expression).ast() as unknown as TreeNode;
  } catch (error) {
    return { ok: false, faults: [syntaxFault(error, expression)] };
  }
  const nodes = allNodes(tree);
  const faults = nodes.flatMap((node) => nodeFaults(node, boundNames(nodes)));
  if (faults.length > 0)
    return { ok: false, faults: faults.sort((left, right) => left.position - right.position) };
  const analysis = new BoundAnalysis();
  const cost = analysis.bound(tree);
  const references = {
    ...stepReferences(nodes, expression),
    delivery: nodes.some((node) => node.type === 'variable' && node.value === 'delivery'),
  };
  return { ok: true, bounded: cost !== null, cost, why: analysis.why(), references };
}

function lengthFault(expression: string): ExpressionFault | null {
  if (expression.trim() === '') {
    const remedy = 'Write an expression, for example `deal.id`; `null` gives nothing.';
    return { position: 0, message: 'is empty', expected: 'a JSONata expression', remedy };
  }
  if (expression.length <= MAX_EXPRESSION_LENGTH) return null;
  return {
    position: MAX_EXPRESSION_LENGTH,
    message: 'is too long',
    expected: `at most ${String(MAX_EXPRESSION_LENGTH)} characters`,
    remedy: 'Split it over several map steps.',
  };
}

function nodeFaults(node: TreeNode, bound: ReadonlySet<string>): ExpressionFault[] {
  const name = String(node.value);
  const position = Math.max(0, (node.position ?? 0) - name.length - 1);
  if (node.type === 'bind') return bindFaults(node);
  if (node.type !== 'variable' || name === '' || name === '$') return [];
  if (REFUSED.has(name)) {
    return [
      {
        position,
        message: `$${name} is refused`,
        expected: 'an expression without $eval',
        remedy: 'Write out what it should evaluate.',
      },
    ];
  }
  if (UNDETERMINED.has(name)) {
    return [
      {
        position,
        message: `$${name} is refused: a replay would compute something else`,
        expected: 'a result that the input decides',
        remedy: 'Take the time from $delivery.receivedAt, or the value from the delivery.',
      },
    ];
  }
  if (bound.has(name) || KNOWN_FUNCTIONS.has(name) || (BINDINGS as readonly string[]).includes(name))
    return [];
  return [
    {
      position,
      message: `$${name} is neither a function of JSONata nor a variable of this expression`,
      expected: '$steps, $delivery, a function of JSONata, or a variable assigned with :=',
      remedy: `Correct the name, or write \`${name}\` without $ for a field of the input.`,
    },
  ];
}

function bindFaults(node: TreeNode): ExpressionFault[] {
  const target = Array.isArray(node.lhs) ? undefined : node.lhs;
  const name = String(target?.value);
  if (!(BINDINGS as readonly string[]).includes(name)) return [];
  return [
    {
      position: Math.max(0, (target?.position ?? 0) - name.length - 1),
      message: `$${name} cannot be assigned`,
      expected: 'another variable name',
      remedy: 'Rename the variable.',
    },
  ];
}
