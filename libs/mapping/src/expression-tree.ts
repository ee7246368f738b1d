/** A node of JSONata's syntax tree, as far as the analysis looks at it (jsonata 2.2.2, `expression.ast()`). */
export interface TreeNode {
  type: string;
  value?: unknown;
  /** Offset just after the node's token. */
  position?: number;
  steps?: TreeNode[];
  expressions?: TreeNode[];
  arguments?: TreeNode[];
  procedure?: TreeNode;
  expression?: TreeNode;
  condition?: TreeNode;
  then?: TreeNode;
  else?: TreeNode;
  pattern?: TreeNode;
  update?: TreeNode;
  delete?: TreeNode;
  body?: TreeNode;
  /** Operands, or the pairs of an object constructor. */
  lhs?: TreeNode | [TreeNode, TreeNode][];
  rhs?: TreeNode;
  terms?: { descending: boolean; expression: TreeNode }[];
  predicate?: Filter[];
  stages?: Filter[];
  group?: { lhs: [TreeNode, TreeNode][] };
  /** Set by `@$x`, `#$i` and `%`: the path carries tuples. */
  focus?: string;
  index?: string;
  tuple?: boolean;
}
interface Filter {
  type: string;
  expr?: TreeNode;
  value?: string;
}

/** The pairs of an object constructor or of a grouping. */
export function pairsOf(node: { lhs?: TreeNode | [TreeNode, TreeNode][] }): [TreeNode, TreeNode][] {
  return Array.isArray(node.lhs) ? node.lhs : [];
}
/** The left operand of a binary node. */
export function leftOf(node: TreeNode): TreeNode | undefined {
  return Array.isArray(node.lhs) ? undefined : node.lhs;
}

/** Direct children, in no particular order. */
export function childrenOf(node: TreeNode): TreeNode[] {
  const single = [
    node.procedure,
    node.expression,
    node.condition,
    node.then,
    node.else,
    node.pattern,
    node.update,
    node.delete,
    node.body,
    leftOf(node),
    node.rhs,
  ].filter((child) => child !== undefined);
  const filters = [...(node.predicate ?? []), ...(node.stages ?? [])].flatMap(({ expr }) =>
    expr ? [expr] : [],
  );
  return [
    ...single,
    ...(node.steps ?? []),
    ...(node.expressions ?? []),
    ...(node.arguments ?? []),
    ...pairsOf(node).flat(),
    ...(node.group === undefined ? [] : pairsOf(node.group).flat()),
    ...(node.terms ?? []).map((term) => term.expression),
    ...filters,
  ];
}

/** All nodes below and including `root`. Iterative: an expression may be as deep as the parser allows. */
export function allNodes(root: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node);
    open.push(...childrenOf(node));
  }
  return found;
}

/** Names that the expression itself binds: `$x :=`, parameters of functions, `@$x` and `#$i`. */
export function boundNames(nodes: readonly TreeNode[]): Set<string> {
  const names = nodes.flatMap((node) => [
    ...(node.type === 'bind' ? [leftOf(node)?.value] : []),
    ...(node.type === 'lambda' ? (node.arguments ?? []).map((parameter) => parameter.value) : []),
    node.focus,
    node.index,
    ...(node.stages ?? []).filter((stage) => stage.type === 'index').map((stage) => stage.value),
  ]);
  return new Set(names.filter((name) => typeof name === 'string'));
}
