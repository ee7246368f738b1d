import type { QueueLook } from '@ecluse/storage';

/** Kinds of starts: a run on its own, a batch, a hand-over to a lane. */
export type StartKind = 'run' | 'batch' | 'lane';

/** What the dispatcher tells about its work, for metrics. Implementations are quick and never throw. */
export interface DispatchObserver {
  /** Deliveries planned in one statement. */
  planned(deliveries: number): void;
  /** Queues of one look. */
  looked(queues: readonly QueueLook[]): void;
  /** @param runs Runs that the start carries: those of the batch, or those handed to the lane. */
  started(kind: StartKind, runs: number): void;
  notStarted(kind: StartKind): void;
  /** Runs that the reconciler queued again, or ended because Temporal had ended them without a record. */
  reconciled(outcome: 'requeued' | 'ended', runs: number): void;
}

/** Observes nothing. */
export const UNOBSERVED: DispatchObserver = {
  planned: () => undefined,
  looked: () => undefined,
  started: () => undefined,
  notStarted: () => undefined,
  reconciled: () => undefined,
};
