/** A map that forgets its oldest entries beyond a size, and every entry after a time. */
export class BoundedCache<V> {
  private readonly entries = new Map<string, { value: V; expiresAt: number }>();

  /**
   * @param limit Entries.
   * @param now Monotonic milliseconds.
   */
  constructor(
    private readonly limit: number,
    private readonly now: () => number,
  ) {}

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > this.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, lifeMs: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, expiresAt: this.now() + lifeMs });
    const oldest = this.entries.keys().next();
    if (this.entries.size > this.limit && oldest.done !== true) this.entries.delete(oldest.value);
  }

  clear(): void {
    this.entries.clear();
  }

  /** Values that have not expired. */
  *values(): Iterable<V> {
    for (const { value, expiresAt } of this.entries.values()) if (expiresAt > this.now()) yield value;
  }
}
