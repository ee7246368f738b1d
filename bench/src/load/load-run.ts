import { connect, type Socket } from 'node:net';
import { percentile } from '../statistics.js';
import { AnswerReader } from './answer-reader.js';
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
  private readonly queue: Job[] = [];
  private readonly idle: (() => void)[] = [];
  private taken = 0;
  private finished = 0;
  private begun = 0;
  private done: () => void = () => undefined;

  constructor(private readonly plan: LoadPlan) {
    this.requests = signRequests(plan);
  }

  /** Resolves when everything was answered for good. */
  async run(): Promise<LoadResult> {
    const origins = new Map(this.requests.map(({ url }) => [url.host, url]));
    const [origin] = origins.values();
    if (origin === undefined || origins.size > 1) throw new Error('a load goes to one server');
    this.begun = performance.now();
    const ended = new Promise<void>((resolve) => (this.done = resolve));
    const lanes = Array.from({ length: this.plan.connections }, () => this.openLane(origin));
    const ticking = this.plan.rate === undefined ? undefined : this.startTicking();
    await ended;
    const seconds = (performance.now() - this.begun) / 1_000;
    clearInterval(ticking);
    for (const close of lanes) close();
    const { latencies, statuses } = this;
    const latency = { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: 0 };
    latency.max = latencies.reduce((max, value) => Math.max(max, value), 0);
    return { seconds, statuses, latency };
  }

  private startTicking(): NodeJS.Timeout {
    return setInterval(() => {
      this.tick();
    }, TICK_MS);
  }

  /** Open loop: what is due now waits in the queue for a free connection, and its clock runs. */
  private tick(): void {
    const { rate = 0, count } = this.plan;
    const due = Math.min(count, Math.floor(((performance.now() - this.begun) / 1_000) * rate));
    for (; this.taken < due; this.taken += 1) {
      const request = this.requests[this.taken];
      if (request !== undefined)
        this.queue.push({ request, since: this.begun + (this.taken / rate) * 1_000 });
    }
    while (this.queue.length > 0 && this.idle.length > 0) this.idle.pop()?.();
  }

  private nextJob(): Job | undefined {
    const waiting = this.queue.shift();
    if (waiting !== undefined) return waiting;
    const { rate, count } = this.plan;
    if (rate !== undefined || this.taken >= count) return undefined;
    const request = this.requests[this.taken++ % this.requests.length];
    return request === undefined ? undefined : { request, since: performance.now() };
  }

  private openLane(origin: URL): () => void {
    let socket: Socket | undefined;
    let job: Job | undefined;
    let closed = false;
    const next = (): void => {
      job = this.nextJob();
      if (job !== undefined) socket?.write(job.request.bytes);
      else this.rest(next);
    };
    const settle = (status: number): void => {
      if (job !== undefined) this.settle(job, status);
      job = undefined;
    };
    const open = (): void => {
      const reader = new AnswerReader();
      socket = connect({ host: origin.hostname, port: Number(origin.port), noDelay: true });
      socket.once('connect', next);
      socket.on('data', (chunk) => {
        const status = reader.push(chunk);
        if (status === undefined) return;
        settle(status);
        next();
      });
      socket.on('error', () => undefined); // 'close' follows
      socket.once('close', () => {
        if (closed) return;
        settle(0);
        setTimeout(open, AGAIN_MS);
      });
    };
    open();
    return () => {
      closed = true;
      socket?.destroy();
    };
  }

  /** A lane without work: in an open loop the next tick wakes it; the last one to rest ends a closed loop. */
  private rest(wake: () => void): void {
    this.idle.push(wake);
    if (this.taken >= this.plan.count && this.finished >= this.taken) this.done();
  }

  private settle(job: Job, status: number): void {
    this.statuses[String(status)] = (this.statuses[String(status)] ?? 0) + 1;
    if (status === 0 || status === 503 || status === 429) {
      // A real sender comes back: with the same id, so nothing is doubled.
      setTimeout(() => {
        this.queue.push(job);
        this.idle.pop()?.();
      }, AGAIN_MS);
      return;
    }
    this.latencies.push(performance.now() - job.since);
    this.finished += 1;
  }
}
