import type { LaneItem } from '@ecluse/contracts';
import { comparePositions } from '@ecluse/flow-model';

/** What a lane holds at the moment. A run is held once, however often it is delivered. */
export class LaneHands {
  readonly #items = new Map<string, LaneItem>();
  #handled = 0;

  /** Runs that the lane has dealt with since its workflow began. */
  get handled(): number {
    return this.#handled;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** In order of arrival at the door, whatever the order of signals was. */
  get pending(): LaneItem[] {
    return [...this.#items.values()].sort((left, right) => comparePositions(left.position, right.position));
  }

  /** Runs held already are ignored: a dispatcher that lost the answer to a signal sends it again. */
  deliver(items: readonly LaneItem[]): void {
    for (const item of items) {
      if (!this.#items.has(item.run.runId)) this.#items.set(item.run.runId, item);
    }
  }

  /** Lets go of runs that ended, or that went back to their queue. */
  release(runIds: readonly string[]): void {
    for (const runId of runIds) if (this.#items.delete(runId)) this.#handled += 1;
  }
}
