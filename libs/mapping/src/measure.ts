/** Input nested deeper runs in the sandbox, where exhausting the stack harms nobody. */
export const DEEPEST_NATIVE_INPUT = 100;

/**
 * Size of a JSON value as the cost analysis counts it: values, keys, and text in units of 32 characters.
 * Infinity when it is above `most` or nested deeper than 100. Iterative.
 */
export function sizeOf(root: unknown, most: number): number {
  let size = 0;
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    size += typeof value === 'string' ? 1 + value.length / 32 : 1;
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        size += Array.isArray(value) ? 0 : 1 + key.length / 32;
        open.push({ value: member, depth: depth + 1 });
      }
    }
    if (size > most || depth > DEEPEST_NATIVE_INPUT) return Number.POSITIVE_INFINITY;
  }
  return size;
}
