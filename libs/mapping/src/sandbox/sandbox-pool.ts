import { EcluseError } from '@ecluse/errors';
import { fromJsonText, type JsonResult } from '../json-result.js';
import type { MappingLimits, SandboxPoolOptions } from '../limits.js';
import { SandboxThread, type SandboxAnswer, type SandboxRequest } from './sandbox-thread.js';

interface Waiting {
  request: SandboxRequest;
  resolve: (answer: SandboxAnswer | null) => void;
}
/** Threads that die before they are ready, one after another, after which waiting evaluations are given up. */
const MOST_FAILED_STARTS = 3;

/** Few warm threads and a bounded queue. A thread that hit a limit is replaced at once. */
export class SandboxPool {
  private threads: SandboxThread[] = [];
  private readonly queue: Waiting[] = [];
  private readonly whenReady = new Set<() => void>();
  private failedStarts = 0;
  private closed = false;

  constructor(
    private readonly options: SandboxPoolOptions,
    private readonly limits: MappingLimits,
  ) {}

  async run(request: SandboxRequest): Promise<JsonResult> {
    if (this.closed) throw busy('the sandbox is closed');
    if (this.queue.length >= this.options.queue) throw busy('its queue is full');
    const answer = await new Promise<SandboxAnswer | null>((resolve) => {
      this.queue.push({ request, resolve });
      this.advance();
    });
    if (answer === null) throw busy('the sandbox ended or did not start');
    return 'text' in answer
      ? fromJsonText(answer.text, this.limits.resultBytes)
      : { ok: false, failure: answer.failure };
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

  private advance(): void {
    this.threads = this.threads.filter((thread) => !thread.ended);
    if (this.closed) return;
    this.fill();
    for (const thread of this.threads.filter(({ idle }) => idle)) {
      const next = this.queue.shift();
      if (next === undefined) return;
      void thread.run(next.request).then(next.resolve);
    }
  }

  private fill(): void {
    while (this.threads.length < this.options.threads) {
      const thread: SandboxThread = new SandboxThread(this.limits, () => {
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
    for (const { resolve } of this.queue.splice(0)) resolve(null);
    this.tellReady();
  }
}

function busy(detail: string): EcluseError {
  return new EcluseError('MAPPING_BUSY', { detail });
}
