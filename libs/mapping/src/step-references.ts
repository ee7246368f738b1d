import { childrenOf, type TreeNode } from './expression-tree.js';

/** One use of `$steps.<id>`. */
export interface StepReference {
  id: string;
  /** 0-based offset of the id in the expression. */
  position: number;
  /** Text that follows when it looks like a step id cut at a hyphen, for example `-line` in `$steps.order-line`. */
  cut?: string;
}

/** Uses of `$steps`: by name where the next path step is one, otherwise `allSteps`. */
export function stepReferences(
  nodes: readonly TreeNode[],
  expression: string,
): { steps: StepReference[]; allSteps: boolean } {
  const named = new Set<TreeNode>();
  const steps: StepReference[] = [];
  for (const path of nodes) {
    const [first, second] = path.type === 'path' ? (path.steps ?? []) : [];
    if (first === undefined || second?.type !== 'name' || !isSteps(first) || childrenOf(first).length > 0)
      continue;
    named.add(first);
    steps.push(reference(second, expression));
  }
  steps.sort((left, right) => left.position - right.position);
  return { steps, allSteps: nodes.some((node) => isSteps(node) && !named.has(node)) };
}

function isSteps(node: TreeNode): boolean {
  return node.type === 'variable' && node.value === 'steps';
}

function reference(name: TreeNode, expression: string): StepReference {
  const id = String(name.value);
  const end = name.position ?? 0;
  const quoted = '`"\''.includes(expression[end - 1] ?? ' ');
  const position = Math.max(0, end - id.length - (quoted ? 1 : 0));
  // `$steps.order-line` is a subtraction in JSONata; a reader of step ids would not think so.
  const cut = quoted ? undefined : /^(?:-[a-z0-9]+)+/.exec(expression.slice(end))?.[0];
  return { id, position, ...(cut === undefined ? {} : { cut }) };
}
