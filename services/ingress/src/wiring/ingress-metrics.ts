import type { FastifyInstance } from 'fastify';
import type { ErrorName } from '@ecluse/errors';
import { createMetrics, type InstrumentsOf, type Metrics } from '@ecluse/metrics';
import type { DepthReader, Depths } from '@ecluse/storage';
import type { DispatchObserver } from '../dispatch/dispatch-observer.js';
import { DOOR_ROUTE } from '../door/door-adapter.js';
import type { IngressRole } from '../ingress.config.js';

export type IngressMetrics = Metrics<'door' | 'dispatcher'>;

/** The metrics of the parts that this process runs; the instruments of a part that it does not run are never used. */
export function createIngressMetrics(role: IngressRole): IngressMetrics {
  return createMetrics(role === 'both' ? ['door', 'dispatcher'] : [role]);
}

/** Measures what the door answers. Bodies of accepted deliveries are in memory until the answer is sent. */
export function observeDoor(fastify: FastifyInstance, { instruments }: IngressMetrics): void {
  const { acceptDuration, acceptedBytes } = instruments;
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.url === DOOR_ROUTE) {
      const outcome = outcomeOf(reply.statusCode);
      acceptDuration.observe({ outcome }, reply.elapsedTime / 1_000);
      if (outcome === 'accepted' && Buffer.isBuffer(request.body)) acceptedBytes.add({}, request.body.length);
    }
    done();
  });
}

function outcomeOf(status: number): 'accepted' | 'rejected' | 'unavailable' {
  if (status < 300) return 'accepted';
  return status < 500 ? 'rejected' : 'unavailable';
}

/** Counts what the door refuses, by the name of the error. */
export function refusalObserver({ instruments }: IngressMetrics): (name: ErrorName) => void {
  return (reason) => {
    instruments.rejects.add({ reason });
  };
}

export function dispatchObserver({ instruments }: IngressMetrics): DispatchObserver {
  const { plannedRuns, starts, startedRuns, batchItems, reconciled } = instruments;
  return {
    planned: (deliveries) => {
      if (deliveries > 0) plannedRuns.add({}, deliveries);
    },
    looked: () => undefined,
    started: (kind, runs) => {
      starts.add({ kind, outcome: 'started' });
      startedRuns.add({ kind }, runs);
      if (kind === 'batch') batchItems.observe({}, runs);
    },
    notStarted: (kind) => {
      starts.add({ kind, outcome: 'not_started' });
    },
    reconciled: (finding, runs) => {
      reconciled.add({ finding }, runs);
    },
  };
}

/** A look at the depths may take this part of one connection's time; less often is fine for a gauge. */
const SAMPLE_SHARE = 0.05;
/** Milliseconds. */
const SAMPLE_EVERY_MS = 2_000;

/** Reads the depths before a scrape: not again within two seconds, and less often the longer the look takes. */
export function sampleDepths(metrics: IngressMetrics, depths: DepthReader): void {
  let notBefore = 0;
  metrics.beforeScrape(async () => {
    const begun = performance.now();
    if (begun < notBefore) return;
    notBefore = begun + SAMPLE_EVERY_MS;
    const seen = await depths.read();
    const tookMs = performance.now() - begun;
    notBefore = begun + Math.max(SAMPLE_EVERY_MS, tookMs / SAMPLE_SHARE);
    metrics.instruments.sampleDuration.set({}, tookMs / 1_000);
    show(metrics.instruments, seen);
  });
}

function show(gauges: InstrumentsOf<'dispatcher'>, seen: Depths): void {
  gauges.inboxDeliveries.set({ state: 'received' }, seen.inboxReceived);
  gauges.inboxDeliveries.set({ state: 'waiting' }, seen.inboxWaiting);
  gauges.inboxOldest.set({}, seen.inboxOldestSeconds);
  gauges.openRuns.set({ state: 'queued' }, seen.runsQueued);
  gauges.openRuns.set({ state: 'started' }, seen.runsStarted);
  gauges.openRuns.set({ state: 'running' }, seen.runsRunning);
  gauges.oldestQueuedRun.set({}, seen.oldestQueuedSeconds);
  gauges.lanes.set({ state: 'blocked' }, seen.lanesBlocked);
  gauges.lanes.set({ state: 'parked' }, seen.lanesParked);
  gauges.laneRuns.set({ scope: 'all' }, seen.laneRuns);
  gauges.laneRuns.set({ scope: 'deepest' }, seen.deepestLaneRuns);
  gauges.openBatches.set({ state: 'formed' }, seen.batchesFormed);
  gauges.openBatches.set({ state: 'started' }, seen.batchesStarted);
  gauges.openBatches.set({ state: 'running' }, seen.batchesRunning);
  gauges.openDeadLetters.set({}, seen.openDeadLetters);
  gauges.heldConnections.set({ state: 'open' }, seen.connectionsOpen);
  gauges.heldConnections.set({ state: 'paused' }, seen.connectionsPaused);
}
