import jsonata, { type Expression } from 'jsonata';
import { analyse, type Analysis } from './analyse.js';
import { allNodes, type TreeNode } from './expression-tree.js';

interface Compiled {
  analysis: Analysis;
  /** Null for what must not run in process. */
  compiled: Expression | null;
  /** Texts that stand in the expression. */
  literals: ReadonlySet<string>;
}

/** Expressions kept: a worker serves far fewer; more means that versions come and go, and the oldest may go. */
const MOST_KEPT = 1_000;

/** Analysed and compiled expressions by text, least recently used first. */
export class CompiledExpressions {
  private readonly kept = new Map<string, Compiled>();

  get(expression: string): Compiled {
    const found = this.kept.get(expression) ?? compile(expression);
    this.kept.delete(expression);
    this.kept.set(expression, found);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return found;
  }
}

function compile(expression: string): Compiled {
  const analysis = analyse(expression);
  if (!analysis.ok) return { analysis, compiled: null, literals: new Set() };
  const compiled = jsonata(expression);
  const strings = allNodes(compiled.ast() as unknown as TreeNode).filter((node) => node.type === 'string');
  const literals = new Set(strings.map((node) => String(node.value)));
  return { analysis, compiled: analysis.bounded ? compiled : null, literals };
}
