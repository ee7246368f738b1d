/** Structural limits of a JSON body. */
export interface JsonLimits {
  /** Nested objects and arrays. Default 64. */
  maxDepth: number;
  /** Values, keys and brackets. Default 200 000. */
  maxTokens: number;
  /** Characters of one key. Default 256. */
  maxKeyLength: number;
  /** Refuses an object with the same key twice: readers disagree about which one counts. */
  refuseDuplicateKeys: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const COMMA = 0x2c;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
function isStructure(code: number): boolean {
  return (
    code === COLON ||
    code === COMMA ||
    code === QUOTE ||
    code === BRACE_OPEN ||
    code === BRACE_CLOSE ||
    code === BRACKET_OPEN ||
    code === BRACKET_CLOSE
  );
}

/**
 * One pass over the text that measures structure, without recursion and without building values. It does not
 * decide whether the text is JSON (`JSON.parse` does); for text that is not, its answer does not matter.
 */
export class JsonScanner {
  private position = 0;
  private tokens = 0;
  /** Keys seen in each open object; null for an open array. */
  private readonly open: (Set<string> | null)[] = [];

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
  ) {}

  /** What exceeds the limits, or undefined. */
  scan(): string | undefined {
    while (this.position < this.text.length) {
      const fault = this.step(this.text.charCodeAt(this.position));
      if (fault !== undefined) return fault;
      if (this.tokens > this.limits.maxTokens)
        return `more than ${String(this.limits.maxTokens)} values, keys and brackets`;
    }
    return undefined;
  }

  private step(code: number): string | undefined {
    if (code === QUOTE) return this.string();
    if (code === BRACE_OPEN || code === BRACKET_OPEN) return this.enter(code === BRACE_OPEN);
    if (code === BRACE_CLOSE || code === BRACKET_CLOSE) this.open.pop();
    else if (code !== COLON && code !== COMMA && !isSpace(code)) {
      this.tokens += 1;
      this.skipScalar();
      return undefined;
    }
    this.position += 1;
    return undefined;
  }

  private enter(isObject: boolean): string | undefined {
    this.tokens += 1;
    this.position += 1;
    this.open.push(isObject ? new Set() : null);
    return this.open.length > this.limits.maxDepth
      ? `nested deeper than ${String(this.limits.maxDepth)}`
      : undefined;
  }

  private skipScalar(): void {
    while (this.position < this.text.length) {
      const code = this.text.charCodeAt(this.position);
      if (isSpace(code) || isStructure(code)) return;
      this.position += 1;
    }
  }

  private string(): string | undefined {
    const start = this.position;
    this.tokens += 1;
    this.position += 1;
    while (this.position < this.text.length) {
      const code = this.text.charCodeAt(this.position);
      if (code === QUOTE) break;
      this.position += code === BACKSLASH ? 2 : 1;
    }
    this.position += 1;
    return this.isKey() ? this.key(this.text.slice(start, this.position)) : undefined;
  }

  private isKey(): boolean {
    if (this.open.at(-1) == null) return false;
    let ahead = this.position;
    while (isSpace(this.text.charCodeAt(ahead))) ahead += 1;
    return this.text.charCodeAt(ahead) === COLON;
  }

  private key(quoted: string): string | undefined {
    if (quoted.length - 2 > this.limits.maxKeyLength)
      return `a key longer than ${String(this.limits.maxKeyLength)} characters`;
    if (!this.limits.refuseDuplicateKeys) return undefined;
    const key = plainKey(quoted);
    const keys = this.open.at(-1);
    if (key === undefined || keys == null) return undefined;
    if (keys.has(key)) return 'an object names the same key twice';
    keys.add(key);
    return undefined;
  }
}

/** `"a"` is the key `a`, whichever way it is written. */
function plainKey(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
