import type { Logger } from '@ecluse/observability';
import type { DeliveryConflict, InboxWriter } from '@ecluse/storage';

/** Another body under a key that is taken. */
export type SeenConflict = Omit<DeliveryConflict, 'count'>;

/** Shortest time between two events of one source, milliseconds: a sender must not be able to fill the audit. */
const PAUSE_MS = 10_000;

interface Pause {
  timer: NodeJS.Timeout;
  withheld: number;
  last: DeliveryConflict;
}

/**
 * Security events for deliveries whose key belongs to another body: the first at once, then one per source and ten
 * seconds that says how many it stands for. Writing is beside the answer: it delays nothing, and what fails is logged.
 */
export class ConflictReports {
  private readonly pauses = new Map<string, Pause>();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly inbox: Pick<InboxWriter, 'reportConflict'>,
    private readonly log: Logger,
  ) {}

  report(conflict: SeenConflict): void {
    const pause = this.pauses.get(sourceOf(conflict));
    if (pause === undefined) {
      this.write({ ...conflict, count: 1 });
      return;
    }
    pause.withheld += 1;
    pause.last = { ...conflict, count: pause.withheld };
  }

  /** Writes what is withheld and waits until all is written or failed. */
  async close(): Promise<void> {
    for (const { timer, withheld, last } of this.pauses.values()) {
      clearTimeout(timer);
      if (withheld > 0) this.begin(last);
    }
    this.pauses.clear();
    await Promise.all(this.writing);
  }

  /** Writes and begins a pause, at whose end the withheld ones are written. */
  private write(event: DeliveryConflict): void {
    this.begin(event);
    const timer = setTimeout(() => {
      const pause = this.pauses.get(sourceOf(event));
      this.pauses.delete(sourceOf(event));
      if (pause !== undefined && pause.withheld > 0) this.write(pause.last);
    }, PAUSE_MS).unref();
    this.pauses.set(sourceOf(event), { timer, withheld: 0, last: event });
  }

  private begin(event: DeliveryConflict): void {
    const written: Promise<void> = this.inbox
      .reportConflict(event)
      .catch((error: unknown) => {
        this.log.error('a security event could not be written', { ...event, error });
      })
      .finally(() => this.writing.delete(written));
    this.writing.add(written);
  }
}

function sourceOf({ tenant, source }: SeenConflict): string {
  return `${tenant}/${source}`;
}
