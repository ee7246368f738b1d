import type { RunRef, RunResult, RunState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { RUN_TRANSITIONS, isFinal, transition } from '../transitions.js';
import { deriveDeliveryStates, lockDeliveries, type LockedDelivery } from './delivery-state.js';
import { statesOf } from './open-runs.js';
import { endRuns } from './run-end.js';
import type { JournalKind } from './worker-journal.js';

/** One run to close. `batchId` fences: only the batch that holds the run may close it. */
export interface Closing {
  run: RunRef;
  result: RunResult;
  batchId?: string;
}

/** Ends runs and sets the states of their deliveries. A run that ended before stays as it is. */
export const CLOSE_RUNS: JournalKind<Closing, true> = {
  async execute(sql, tenant, closings) {
    const deliveryIds = closings.map(({ run }) => run.deliveryId);
    const deliveries = await lockDeliveries(sql, tenant, deliveryIds);
    const known = closings.filter(({ run }) => deliveries.has(run.deliveryId));
    const ended = await endRuns(
      sql,
      tenant,
      known.map(({ run, result, batchId }) => ({
        runId: run.runId,
        result,
        ...(batchId === undefined ? {} : { batchId }),
      })),
    );
    const touched = new Map<string, LockedDelivery>();
    for (const { run } of known) {
      const delivery = deliveries.get(run.deliveryId);
      if (delivery !== undefined && ended.has(run.runId)) touched.set(delivery.id, delivery);
    }
    await deriveDeliveryStates(sql, [...touched.values()]);
    const others = known.filter(({ run }) => !ended.has(run.runId)).map(({ run }) => run.runId);
    const states = others.length === 0 ? undefined : await statesOf(sql, tenant, others);
    return closings.map(({ run, result }) => {
      if (!deliveries.has(run.deliveryId)) return notFound(`delivery ${run.deliveryId}`);
      if (ended.has(run.runId)) return true;
      const state = states?.get(run.runId);
      if (state === undefined) return notFound(`run ${run.runId}`);
      return isFinal(RUN_TRANSITIONS, state) ? true : conflict(run, state, result);
    });
  },
};

function notFound(detail: string): EcluseError {
  return new EcluseError('NOT_FOUND', { detail });
}

/** The run neither ended now nor before: an illegal move, or no longer a run of this batch. */
function conflict(run: RunRef, state: RunState, result: RunResult): EcluseError {
  try {
    transition(RUN_TRANSITIONS, `run ${run.runId}`, state, result.state);
  } catch (error) {
    if (error instanceof EcluseError) return error;
  }
  return new EcluseError('STATE_CONFLICT', { detail: `run ${run.runId} no longer belongs to this batch` });
}
