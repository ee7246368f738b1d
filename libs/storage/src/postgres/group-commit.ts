export interface GroupCommitOptions {
  /** Most items of one group. Default 100. */
  maxItems?: number;
  /** Groups under way at once. Default 1: the next group fills while one commits. */
  maxGroups?: number;
}
interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets concurrent writes share a transaction: what arrives while a group commits makes up the next one, so that
 * nothing waits for company and a lone write is a group of one. When a shared transaction fails, each of its items is
 * tried alone: a poison one hurts nobody else. `isShared` names errors that every item would meet alike (the database
 * is away); those are not tried again here.
 */
export class GroupCommit<Item, Result> {
  readonly #waiting: Waiting<Item, Result>[] = [];
  readonly #maxItems: number;
  readonly #maxGroups: number;
  #groups = 0;

  /** @param execute Runs one transaction over all items; answers one result per item, in order. */
  constructor(
    private readonly execute: (items: readonly Item[]) => Promise<Result[]>,
    private readonly isShared: (error: unknown) => boolean,
    options: GroupCommitOptions = {},
  ) {
    this.#maxItems = options.maxItems ?? 100;
    this.#maxGroups = options.maxGroups ?? 1;
  }

  /** Items that wait for a group, those under way not counted. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Resolves once the item's transaction is committed. */
  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // Not at once: what the same turn of the event loop submits belongs together.
      if (this.#groups < this.#maxGroups && this.#waiting.length === 1) queueMicrotask(() => this.#begin());
    });
  }

  #begin(): void {
    if (this.#groups >= this.#maxGroups || this.#waiting.length === 0) return;
    this.#groups += 1;
    void this.#commit(this.#waiting.splice(0, this.#maxItems)).finally(() => {
      this.#groups -= 1;
      this.#begin();
    });
  }

  async #commit(group: Waiting<Item, Result>[]): Promise<void> {
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
