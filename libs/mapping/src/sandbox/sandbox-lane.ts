import type { MappingLimits } from '../limits.js';
import type { TimeLimits } from './expression-records.js';
import { SandboxThread, type SandboxAnswer, type SandboxRequest } from './sandbox-thread.js';

/** Why an evaluation was not made, or not to its end. It says nothing about the expression. */
export interface Unserved {
  busy: 'full' | 'late' | 'cut off' | 'ended';
}
/** One evaluation on its way. */
export interface Waiting {
  request: SandboxRequest;
  signal: AbortSignal | undefined;
  resolve: (answer: SandboxAnswer | Unserved) => void;
}
export interface LaneOptions {
  threads: number;
  /** Threads more while one of them takes long: the others do not wait for its end and its successor's start. */
  spare: 0 | 1;
  /** Most that wait for a thread. */
  queue: number;
  /** Longest wait for a thread, milliseconds. */
  waitMs: number;
  limits: MappingLimits;
  /** Asked when the evaluation begins. */
  timesOf(expression: string): TimeLimits;
  /** Told of each evaluation that came to an answer, before whoever asked for it. */
  onAnswer(request: SandboxRequest, answer: SandboxAnswer, ms: number): void;
}
interface Queued extends Waiting {
  leave(): void;
}

/** Threads that die before they are ready, one after another, after which waiting evaluations are given up. */
const MOST_FAILED_STARTS = 3;
/** An evaluation that takes this long is slow: ordinary ones take 20 ms. Milliseconds. */
const SLOW_MS = 250;

/** Few warm threads and a bounded queue, in which nobody waits for long. A thread that hit a limit is replaced at once. */
export class SandboxLane {
  private threads: SandboxThread[] = [];
  private readonly queue: Queued[] = [];
  private readonly whenReady = new Set<() => void>();
  private failedStarts = 0;
  /** Slow evaluations under way. */
  private slow = 0;
  private closed = false;

  constructor(private readonly options: LaneOptions) {}

  /** Resolves `waiting` sooner or later: with an answer, or unserved. */
  add(waiting: Waiting): void {
    const { signal } = waiting;
    if (this.closed) waiting.resolve({ busy: 'ended' });
    else if (signal?.aborted === true) waiting.resolve({ busy: 'cut off' });
    else if (this.queue.length >= this.options.queue) waiting.resolve({ busy: 'full' });
    else {
      this.enqueue(waiting);
      this.advance();
    }
  }

  /** Takes what waits with this expression out of the queue. */
  take(expression: string): Waiting[] {
    const taken = this.queue.filter(({ request }) => request.expression === expression);
    for (const each of taken) each.leave();
    return taken.map(({ request, signal, resolve }) => ({ request, signal, resolve }));
  }

  async warmUp(): Promise<void> {
    this.advance();
    if (this.threads.some((thread) => thread.idle)) return;
    await new Promise<void>((resolve) => this.whenReady.add(resolve));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.giveUp();
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  private enqueue(waiting: Waiting): void {
    const unserved = (busy: Unserved['busy']) => (): void => {
      queued.leave();
      waiting.resolve({ busy });
    };
    const onAbort = unserved('cut off');
    const timer = setTimeout(unserved('late'), this.options.waitMs);
    const queued: Queued = {
      ...waiting,
      leave: () => {
        clearTimeout(timer);
        waiting.signal?.removeEventListener('abort', onAbort);
        const index = this.queue.indexOf(queued);
        if (index >= 0) this.queue.splice(index, 1);
      },
    };
    waiting.signal?.addEventListener('abort', onAbort, { once: true });
    this.queue.push(queued);
  }

  private advance(): void {
    this.threads = this.threads.filter((thread) => !thread.ended);
    if (this.closed) return;
    this.fill();
    for (const thread of this.threads.filter(({ idle }) => idle)) {
      const [next] = this.queue;
      if (next === undefined) {
        this.dismiss(thread);
        return;
      }
      next.leave();
      void this.run(thread, next);
    }
  }

  private async run(thread: SandboxThread, { request, signal, resolve }: Waiting): Promise<void> {
    const begunAt = performance.now();
    const onAbort = (): void => void thread.close();
    signal?.addEventListener('abort', onAbort, { once: true });
    let slow = 0;
    const timer = setTimeout(() => {
      slow = 1;
      this.slow += 1;
      this.advance();
    }, SLOW_MS);
    const answer = await thread.run(request, this.options.timesOf(request.expression));
    clearTimeout(timer);
    this.slow -= slow;
    signal?.removeEventListener('abort', onAbort);
    if (answer !== null) this.options.onAnswer(request, answer, performance.now() - begunAt);
    resolve(answer ?? { busy: signal?.aborted === true ? 'cut off' : 'ended' });
  }

  /** A spare thread without work. */
  private dismiss(thread: SandboxThread): void {
    if (this.threads.length <= this.options.threads || this.slow > 0) return;
    this.threads = this.threads.filter((other) => other !== thread);
    void thread.close();
  }

  private fill(): void {
    const spare = this.slow > 0 && this.queue.length > 0 ? this.options.spare : 0;
    while (this.threads.length < this.options.threads + spare) {
      const thread: SandboxThread = new SandboxThread(this.options.limits, () => {
        this.onChange(thread);
      });
      this.threads.push(thread);
    }
  }

  private onChange(thread: SandboxThread): void {
    if (thread.idle) {
      this.failedStarts = 0;
      this.tellReady();
    }
    if (thread.ended && !thread.wasReady) this.failedStarts += 1;
    if (this.failedStarts >= MOST_FAILED_STARTS) {
      // The next evaluation tries again; a loop of starts would eat the machine.
      this.failedStarts = 0;
      this.giveUp();
      return;
    }
    this.advance();
  }

  private tellReady(): void {
    for (const resolve of this.whenReady) resolve();
    this.whenReady.clear();
  }

  private giveUp(): void {
    for (const each of [...this.queue]) {
      each.leave();
      each.resolve({ busy: 'ended' });
    }
    this.tellReady();
  }
}
