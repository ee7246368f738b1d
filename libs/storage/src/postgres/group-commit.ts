export interface GroupCommitOptions<Item = unknown> {
  /** Most items of one group. Default 100. */
  maxItems?: number;
  /** Groups under way at once. Default 1: the next group fills while one commits. */
  maxGroups?: number;
  /** Weight of an item, for example its bytes. Default: nothing weighs. */
  weightOf?: (item: Item) => number;
  /** Most weight of one group; one heavier item is a group of its own. Default: no bound. */
  maxWeight?: number;
  /** Asked when a group forms: an error takes the item out of it, unexecuted, and is what its caller gets. */
  expired?: (item: Item) => Error | undefined;
}
interface Waiting<Item, Result> {
  item: Item;
  submittedAt: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets concurrent writes share a transaction: what arrives while a group commits makes up the next one, so that
 * nothing waits for company and a lone write is a group of one. When a shared transaction fails, each of its items is
 * tried alone: a poison one hurts nobody else. `isShared` names errors that every item would meet alike (the database
 * is away); those are not tried again here. Items begin in the order in which they were submitted.
 */
export class GroupCommit<Item, Result> {
  #waiting: Waiting<Item, Result>[] = [];
  #groups = 0;
  #scheduled = false;

  /** @param execute Runs one transaction over all items; answers one result per item, in order. */
  constructor(
    private readonly execute: (items: readonly Item[]) => Promise<Result[]>,
    private readonly isShared: (error: unknown) => boolean,
    private readonly options: GroupCommitOptions<Item> = {},
  ) {}

  /** Items that wait for a group, those under way not counted. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** For how long the oldest of them has been waiting, in milliseconds; 0 when none is. */
  get oldestMs(): number {
    const [oldest] = this.#waiting;
    return oldest === undefined ? 0 : performance.now() - oldest.submittedAt;
  }

  /** Resolves once the item's transaction is committed. */
  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, submittedAt: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  /** Not at once: what one turn of the event loop submits belongs together. */
  #schedule(): void {
    if (this.#scheduled || !this.#hasRoom()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#hasRoom() && this.#waiting.length > 0) this.#begin();
    });
  }

  #hasRoom(): boolean {
    return this.#groups < (this.options.maxGroups ?? 1);
  }

  #begin(): void {
    const group = this.#take();
    if (group.length === 0) return;
    this.#groups += 1;
    void this.#commit(group).finally(() => {
      this.#groups -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  /** The longest run of waiting items that may share a group, less those that nobody waits for any more. */
  #take(): Waiting<Item, Result>[] {
    const { maxItems = 100, maxWeight = Infinity, weightOf, expired } = this.options;
    const group: Waiting<Item, Result>[] = [];
    let taken = 0;
    let weight = 0;
    for (const waiting of this.#waiting) {
      if (group.length >= maxItems) break;
      const refusal = expired?.(waiting.item);
      if (refusal === undefined) {
        weight += weightOf?.(waiting.item) ?? 0;
        if (weight > maxWeight && group.length > 0) break;
        group.push(waiting);
      } else waiting.reject(refusal);
      taken += 1;
    }
    this.#waiting = this.#waiting.slice(taken);
    return group;
  }

  async #commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.execute(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (group.length === 1 || this.isShared(error)) for (const { reject } of group) reject(error);
      else for (const alone of group) await this.#commit([alone]);
    }
  }
}
