import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { CircuitObserver } from '@ecluse/connector-call';
import type { RunResult } from '@ecluse/contracts';
import { createMetrics, type Metrics } from '@ecluse/metrics';
import type { AttemptLog, AttemptRecord, RunStore } from '@ecluse/storage';

export type WorkerMetrics = Metrics<'worker'>;

export function createWorkerMetrics(): WorkerMetrics {
  return createMetrics(['worker']);
}

/** Times each activity. A failing one is measured too: what the workflow makes of it is its own matter. */
export function activityObserver({ instruments }: WorkerMetrics): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const begun = performance.now();
        const tell = (outcome: 'done' | 'failed'): void => {
          const labels = { activity: info.activityType, outcome };
          instruments.activityDuration.observe(labels, (performance.now() - begun) / 1_000);
        };
        try {
          const result: unknown = await next(input);
          tell('done');
          return result;
        } catch (error) {
          tell('failed');
          throw error;
        }
      },
    },
  });
}

export function circuitObserver({ instruments }: WorkerMetrics): CircuitObserver {
  return {
    held: (state) => {
      instruments.heldCalls.add({ state });
    },
    changed: (to) => {
      instruments.circuitChanges.add({ to });
    },
  };
}

/** Times attempts, from their begin to their recorded end, by outcome class. */
export function observedAttempts(log: AttemptLog, { instruments }: WorkerMetrics): AttemptLog {
  const begun = new WeakMap<AttemptRecord, number>();
  return {
    begin: (attempt) => {
      begun.set(attempt, performance.now());
      return log.begin(attempt);
    },
    end: async (attempt, end) => {
      await log.end(attempt, end);
      const since = begun.get(attempt);
      if (since === undefined) return;
      begun.delete(attempt);
      instruments.callDuration.observe({ outcome: end.outcome }, (performance.now() - since) / 1_000);
    },
  };
}

/** Counts ends of runs. A recorded end that is recorded again, after a crash in between, counts twice. */
export function observedRuns(runs: RunStore, metrics: WorkerMetrics): RunStore {
  return {
    open: (...given) => runs.open(...given),
    loadFlow: (run) => runs.loadFlow(run),
    close: async (run, result, fence) => {
      await runs.close(run, result, fence);
      countEnd(metrics, result);
    },
  };
}

function countEnd({ instruments }: WorkerMetrics, result: RunResult): void {
  if (result.state === 'dead_letter') {
    instruments.closedRuns.add({ state: 'dead_letter' });
    // The set of codes is closed; one of a newer build counts as `other`.
    instruments.deadLetters.add({ code: result.failure.code });
    return;
  }
  instruments.closedRuns.add({ state: result.triggered ? 'succeeded' : 'not_triggered' });
}
