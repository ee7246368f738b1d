import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import type { DispatchStore, QueuedRun } from '@ecluse/storage';
import type { DispatchObserver } from './dispatch-observer.js';
import type { Engine } from './engine.js';
import { judgeStart } from './judge-start.js';
import type { StartEnd } from './start-pool.js';

export interface RunStartDeps {
  store: Pick<DispatchStore, 'markStarted' | 'release' | 'refuse'>;
  engine: Pick<Engine, 'startRun'>;
  failpoints: Failpoints;
  observer: DispatchObserver;
  log: Logger;
}

/** Starts claimed runs, each in a workflow of its own. */
export class RunStarts {
  private readonly claimed = new Map<string, number>();

  constructor(
    private readonly deps: RunStartDeps,
    private readonly random: () => number = Math.random,
  ) {}

  /** Runs of a queue that are claimed and not yet marked. */
  inFlight(queue: string): number {
    return this.claimed.get(queue) ?? 0;
  }

  /** From the claim to the record. */
  async start(run: QueuedRun): Promise<StartEnd> {
    const { engine, failpoints, log, store, observer } = this.deps;
    const queue = `${run.tenant}/${run.flow}`;
    this.count(queue, 1);
    const end = (verdict: StartEnd['verdict'], write: () => Promise<void>): StartEnd => ({
      verdict,
      record: () =>
        write().finally(() => {
          this.count(queue, -1);
        }),
    });
    failpoints.hit('dispatch.before-start');
    try {
      const { temporalRunId } = await engine.startRun(run);
      failpoints.hit('dispatch.after-start');
      log.info('run started', fieldsOf(run));
      observer.started('run', 1);
      return end('started', () => store.markStarted({ tenant: run.tenant, runId: run.runId, temporalRunId }));
    } catch (error) {
      observer.notStarted('run');
      const { verdict, write } = this.giveBack(run, error);
      return end(verdict, write);
    }
  }

  private giveBack(
    run: QueuedRun,
    error: unknown,
  ): { verdict: StartEnd['verdict']; write: () => Promise<void> } {
    const { store, log } = this.deps;
    const judged = judgeStart(error, run.startAttempts, this.random());
    const { reason } = judged;
    if (judged.kind === 'refuse') {
      log.error('run cannot be started', { ...fieldsOf(run), reason });
      return { verdict: 'settled', write: () => store.refuse(run, reason) };
    }
    log.warn('run not started yet', { ...fieldsOf(run), reason, error });
    const { delaySeconds, engineAway } = judged;
    return {
      verdict: engineAway ? 'away' : 'settled',
      write: () => store.release(run, delaySeconds, reason),
    };
  }

  private count(queue: string, by: 1 | -1): void {
    const next = this.inFlight(queue) + by;
    if (next === 0) this.claimed.delete(queue);
    else this.claimed.set(queue, next);
  }
}

function fieldsOf({ tenant, runId, deliveryId, flow, flowVersion, workflowId, startAttempts }: QueuedRun) {
  return { tenant, runId, deliveryId, flow, flowVersion, workflowId, attempt: startAttempts };
}
