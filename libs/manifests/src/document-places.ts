import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import { segmentsOf } from './pointer.js';
import { sourceOffset } from './scalar-offset.js';

/** 1-based place in a document. */
export interface Place {
  line: number;
  column: number;
}

/** Places of the values and keys of a parsed document, by RFC 6901 pointer. */
export class DocumentPlaces {
  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
    private readonly text: string,
  ) {}

  /** Place of a value, or of the nearest enclosing one that the document has. */
  placeOf(pointer: string): Place {
    return this.at(startOf(this.find(segmentsOf(pointer)).node));
  }

  /** Place of a key, for an error about the key itself; of the nearest enclosing value when there is no such key. */
  placeOfKey(pointer: string): Place {
    const path = segmentsOf(pointer);
    const { node, depth, key } = this.find(path);
    return this.at(startOf(depth === path.length && key !== undefined ? key : node));
  }

  /** Place of a 0-based offset inside a text value, whatever its style. */
  placeInside(pointer: string, offset: number): Place {
    const path = segmentsOf(pointer);
    const { node, depth } = this.find(path);
    if (depth !== path.length || !isScalar(node)) return this.at(startOf(node));
    return this.at(sourceOffset(node, this.text, offset));
  }

  private at(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** The node at the path, or the deepest one on the way, with the key it stands under. */
  private find(path: readonly string[]): { node: Node | undefined; depth: number; key: Node | undefined } {
    let node = this.resolve(this.document.contents);
    let key: Node | undefined;
    for (const [depth, segment] of path.entries()) {
      const next = this.child(node, segment);
      if (next === undefined) return { node, depth, key };
      ({ node, key } = next);
    }
    return { node, depth: path.length, key };
  }

  private child(
    parent: Node | undefined,
    segment: string,
  ): { node: Node | undefined; key: Node | undefined } | undefined {
    if (isSeq(parent)) {
      const item = parent.items[Number(segment)];
      return isNode(item) ? { node: this.resolve(item), key: undefined } : undefined;
    }
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
    if (pair === undefined || !isNode(pair.key)) return undefined;
    // A key without a value (`steps:`) has a node of no width behind it, or none.
    return { node: isNode(pair.value) ? this.resolve(pair.value) : pair.key, key: pair.key };
  }

  /** What an alias stands for; the text is there. */
  private resolve(node: unknown): Node | undefined {
    if (isAlias(node)) return node.resolve(this.document) ?? node;
    return isNode(node) ? node : undefined;
  }
}

function startOf(node: Node | undefined): number {
  return node?.range?.[0] ?? 0;
}
