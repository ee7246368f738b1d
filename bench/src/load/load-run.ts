import { percentile } from '../statistics.js';
import { Lane } from './lane.js';
import type { LoadPlan, LoadResult } from './load.js';
import { signRequests, type SignedRequest } from './signed-requests.js';

/** Milliseconds before a refused or broken request is sent again. */
const AGAIN_MS = 100;
/** Milliseconds between two looks at the schedule of an open loop. */
const TICK_MS = 2;

interface Job {
  request: SignedRequest;
  /** When it was due (open loop) or first sent. Monotonic milliseconds. */
  since: number;
}

/** One load: requests signed in the constructor, sent by `run` over keep-alive connections. */
export class LoadRun {
  private readonly requests: SignedRequest[];
  private readonly latencies: number[] = [];
  private readonly statuses: Record<string, number> = {};
  /** Due, and not sent yet or to be sent again. */
  private readonly queue: Job[] = [];
  private lanes: Lane<Job>[] = [];
  private taken = 0;
  private begun = 0;
  private done: () => void = () => undefined;

  constructor(private readonly plan: LoadPlan) {
    this.requests = signRequests(plan);
  }

  /** Resolves when everything was answered for good. */
  async run(): Promise<LoadResult> {
    const [origin, ...others] = new Map(this.requests.map(({ url }) => [url.host, url])).values();
    if (origin === undefined || others.length > 0) throw new Error('a load goes to one server');
    this.begun = performance.now();
    const ended = new Promise<void>((resolve) => {
      this.done = resolve;
    });
    this.lanes = Array.from({ length: this.plan.connections }, () => new Lane(origin, this.work()));
    const ticking = this.plan.rate === undefined ? undefined : setInterval(this.tick, TICK_MS);
    await ended;
    const seconds = (performance.now() - this.begun) / 1_000;
    clearInterval(ticking);
    for (const lane of this.lanes) lane.close();
    return { seconds, statuses: this.statuses, latency: latencyOf(this.latencies) };
  }

  /** Open loop: what is due now waits in the queue for a free connection, and its clock runs. */
  private readonly tick = (): void => {
    const { rate = 0, count } = this.plan;
    const due = Math.min(count, Math.floor(((performance.now() - this.begun) / 1_000) * rate));
    for (; this.taken < due; this.taken += 1)
      this.queue.push({
        request: this.requestAt(this.taken),
        since: this.begun + (this.taken / rate) * 1_000,
      });
    this.wakeLanes();
  };

  private wakeLanes(): void {
    for (const lane of this.lanes) {
      if (this.queue.length === 0) return;
      lane.wake();
    }
  }

  private work() {
    return {
      next: () => this.queue.shift() ?? this.fresh(),
      bytes: ({ request }: Job) => request.bytes,
      settle: (job: Job, status: number) => {
        this.settle(job, status);
      },
    };
  }

  /** Closed loop: the next one is sent as soon as a connection is free. */
  private fresh(): Job | undefined {
    if (this.plan.rate !== undefined || this.taken >= this.plan.count) return undefined;
    return { request: this.requestAt(this.taken++), since: performance.now() };
  }

  private requestAt(index: number): SignedRequest {
    const request = this.requests[index % this.requests.length];
    if (request === undefined) throw new Error('a load needs requests');
    return request;
  }

  private settle(job: Job, status: number): void {
    this.statuses[String(status)] = (this.statuses[String(status)] ?? 0) + 1;
    if (status === 0 || status === 503 || status === 429) {
      // A real sender comes back: with the same id, so nothing is doubled.
      setTimeout(() => {
        this.queue.push(job);
        this.wakeLanes();
      }, AGAIN_MS);
      return;
    }
    this.latencies.push(performance.now() - job.since);
    if (this.latencies.length >= this.plan.count) this.done();
  }
}

function latencyOf(latencies: readonly number[]): LoadResult['latency'] {
  const max = latencies.reduce((most, value) => Math.max(most, value), 0);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max };
}
