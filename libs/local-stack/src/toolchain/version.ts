/** First three numbers of a version, e.g. of `go1.26.8` or `1.21.2-rc1`; undefined when there are none. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** True when `text` holds a version that is not below `least`. */
export function isAtLeast(text: string, least: string): boolean {
  const found = parseVersion(text);
  const wanted = parseVersion(least);
  if (found === undefined || wanted === undefined) return false;
  for (const [index, number] of found.entries()) {
    const other = wanted[index] ?? 0;
    if (number !== other) return number > other;
  }
  return true;
}
