import type { Logger } from '@ecluse/observability';
import type { DispatchStore } from '@ecluse/storage';

const DAY_MS = 24 * 3_600_000;
/** After a failure. Partitions are made days ahead, and a default partition is the net below them. */
const AGAIN_MS = 5 * 60_000;

/** Has the body partitions of the coming days made, once a day. */
export class PartitionKeeper {
  private dueAt = -Infinity;

  constructor(
    private readonly store: Pick<DispatchStore, 'ensurePartitions'>,
    private readonly log: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Does nothing when not due; never throws. */
  async keep(): Promise<void> {
    if (this.now() < this.dueAt) return;
    try {
      await this.store.ensurePartitions();
      this.dueAt = this.now() + DAY_MS;
    } catch (error) {
      this.dueAt = this.now() + AGAIN_MS;
      this.log.warn('body partitions were not made', { error });
    }
  }
}
