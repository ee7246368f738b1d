import type { Scalar } from 'yaml';

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A piece of a scalar's source and the text that it stands for. */
interface Piece {
  text: string;
  length: number;
}

/**
 * Offset in the document of the character that stands at `offset` in a text value. Source and value are walked in
 * step: folding and indentation change white space only, and quoted styles add escapes. Offsets at or behind the end
 * give the place just behind the last character.
 */
export function sourceOffset(node: Scalar, document: string, offset: number): number {
  const [start, end] = node.range ?? [0, 0];
  const value = typeof node.value === 'string' ? node.value : '';
  if (typeof node.value !== 'string') return start;
  const source = document.slice(start, end);
  let at = contentStart(node, source);
  for (let index = 0; index < value.length && at < source.length;) {
    const piece = pieceAt(node, source, at);
    const wanted = value.slice(index, index + piece.text.length);
    if (isBlank(value[index] ?? '') && !isBlank(piece.text)) {
      // A folded line break is one blank of the value and many characters, or none, of the source.
      if (index >= offset) return start + at;
      index += 1;
    } else if (piece.text !== '' && piece.text === wanted) {
      if (index + piece.text.length > offset) return start + at;
      index += piece.text.length;
      at += piece.length;
    } else {
      at += piece.length;
    }
  }
  return start + Math.min(at, source.length);
}

/** Where the content begins: behind the quote, or on the line below the block's header. */
function contentStart({ type }: Scalar, source: string): number {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return 1;
  if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') {
    const line = source.indexOf('\n');
    return line < 0 ? source.length : line + 1;
  }
  return 0;
}

function pieceAt({ type }: Scalar, source: string, at: number): Piece {
  const char = source[at] ?? '';
  if (type === 'QUOTE_SINGLE' && char === "'") return { text: "'", length: 2 };
  if (type !== 'QUOTE_DOUBLE' || char !== '\\') return { text: char, length: 1 };
  const next = source[at + 1] ?? '';
  const digits = CODE_LENGTHS[next];
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
    return { text: String.fromCodePoint(Number.isNaN(code) ? 0xfffd : code), length: 2 + digits };
  }
  // An escaped line break joins two lines: it stands for nothing.
  return { text: next === '\n' ? '' : (NAMED_ESCAPES[next] ?? next), length: 2 };
}

function isBlank(text: string): boolean {
  return /^[ \t\r\n]$/.test(text);
}
