import { Worker } from 'node:worker_threads';
import type { Failure } from '../failure.js';
import type { MappingLimits } from '../limits.js';
import type { TimeLimits } from './expression-records.js';
import { WORKER_CODE } from './worker-code.js';

/** One evaluation, as JSON texts: the thread shares no object with its host. */
export interface SandboxRequest {
  expression: string;
  input: string;
  bindings: string;
}
export type SandboxAnswer = { text: string } | { failure: Failure; fatal?: true };
/** After an answer: the next runtime is prepared, or the thread is of no more use. */
type Notice = { ready: true } | { broken: true };
/** A thread that dies of what it runs was brought down by it: trying again would bring down the next one. */
const KILLED: SandboxAnswer = { failure: { kind: 'limit', limit: 'memory' } };

/** QuickJS's own stack. Deep recursion ends here, well within the stack of the WebAssembly instance. */
const STACK_BYTES = 512 * 1024;
/** Longest start of a thread, milliseconds: 0.1 s on an idle machine. */
const START_MS = 20_000;

/** One thread with one prepared runtime. Ends for good on the first limit, crash or time-out. */
export class SandboxThread {
  private readonly worker: Worker;
  private settle: ((answer: SandboxAnswer | null) => void) | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** It started at least once, so its end has to do with what it ran. */
  wasReady = false;
  private state: 'starting' | 'idle' | 'busy' | 'ended' = 'starting';

  constructor(
    limits: MappingLimits,
    private readonly changed: () => void,
  ) {
    const { memoryBytes, resultBytes } = limits;
    this.worker = new Worker(WORKER_CODE, {
      eval: true,
      workerData: { from: import.meta.url, memoryBytes, resultBytes, stackBytes: STACK_BYTES },
      env: {},
      execArgv: [],
      // WebAssembly memory is not part of the heap; this bounds the rest.
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      // A dying WebAssembly module prints; the failure is told through its answer.
      stdout: true,
      stderr: true,
    });
    this.worker.on('message', (message: SandboxAnswer | Notice) => {
      this.onMessage(message);
    });
    this.worker.on('error', () => {
      this.end(this.state === 'busy' ? KILLED : null);
    });
    this.worker.on('exit', () => {
      this.end(this.state === 'busy' ? KILLED : null);
    });
    this.watch(START_MS, null);
  }

  get idle(): boolean {
    return this.state === 'idle';
  }
  get ended(): boolean {
    return this.state === 'ended';
  }

  /** Only when idle. Null: the thread was closed meanwhile. */
  run(
    { expression, input, bindings }: SandboxRequest,
    { cpuMs, wallMs }: TimeLimits,
  ): Promise<SandboxAnswer | null> {
    this.state = 'busy';
    this.worker.ref();
    return new Promise((resolve) => {
      this.settle = resolve;
      this.watch(wallMs, { failure: { kind: 'limit', limit: 'wall' } });
      this.worker.postMessage({ cpuMs, request: { expression, input, bindings } });
    });
  }

  async close(): Promise<void> {
    this.end(null);
    await this.worker.terminate();
  }

  private onMessage(message: SandboxAnswer | Notice): void {
    if (this.state === 'ended') return;
    if ('ready' in message) {
      clearTimeout(this.timer);
      this.state = 'idle';
      this.wasReady = true;
      // An idle sandbox must not keep the process alive.
      this.worker.unref();
      this.changed();
      return;
    }
    if ('broken' in message) {
      this.end(null);
      return;
    }
    if ('failure' in message && message.fatal === true) {
      this.end(message);
      return;
    }
    this.state = 'starting';
    this.watch(START_MS, null);
    this.answer(message);
  }

  private watch(ms: number, answer: SandboxAnswer | null): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.end(answer);
    }, ms);
    if (this.state === 'starting') this.timer.unref();
  }

  private end(answer: SandboxAnswer | null): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.timer);
    void this.worker.terminate();
    this.answer(answer);
    this.changed();
  }

  private answer(answer: SandboxAnswer | null): void {
    const settle = this.settle;
    this.settle = null;
    settle?.(answer);
  }
}
