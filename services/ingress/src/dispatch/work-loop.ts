import type { Logger } from '@ecluse/observability';
import { backOffMs, type BackOffLimits } from './back-off.js';
import { WakeSignal } from './wake-signal.js';

/** Milliseconds until the next turn. */
export interface Pause {
  /** Longest. */
  ms: number;
  /** `raise` does not end it earlier than this. Default 0. */
  leastMs?: number;
}

const AWAY: BackOffLimits = { firstMs: 500, longestMs: 15_000 };

/**
 * Turns of one kind of work, one after the other, until stopped. A turn that fails is followed by a pause that grows and
 * that `raise` does not shorten: notifications come with each delivery, and the inbox is away for all of them.
 */
export class WorkLoop {
  private readonly wake = new WakeSignal();
  private failures = 0;
  private stopping = false;
  private running: Promise<void> | undefined;

  /** @param turn One piece of work; answers when the next is due. */
  constructor(
    private readonly name: string,
    private readonly turn: () => Promise<Pause>,
    private readonly log: Logger,
    private readonly random: () => number = Math.random,
  ) {}

  /** Begins; returns at once. */
  start(): void {
    this.running ??= this.run();
  }

  /** There is work. */
  raise(): void {
    this.wake.raise();
  }

  /** Lets the present turn end. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.raise();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopping()) {
      const { ms, leastMs = 0 } = await this.attempt();
      await this.pause(Math.min(ms, leastMs));
      if (ms > leastMs && !this.isStopping()) await this.wake.wait(ms - leastMs);
    }
  }

  private async attempt(): Promise<Pause> {
    try {
      const pause = await this.turn();
      if (this.failures > 0) this.log.info('inbox is reachable again', { reason: this.name });
      this.failures = 0;
      return pause;
    } catch (error) {
      this.failures += 1;
      this.log.warn('inbox could not be worked on', { reason: this.name, attempt: this.failures, error });
      const ms = backOffMs(this.failures, AWAY, this.random());
      return { ms, leastMs: ms };
    }
  }

  /** A method, because another turn of the event loop may have changed it. */
  private isStopping(): boolean {
    return this.stopping;
  }

  /** A raise meanwhile is remembered. */
  private async pause(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    let raised = false;
    for (let left = milliseconds; left > 0 && !this.isStopping(); left = until - performance.now())
      raised = (await this.wake.wait(left)) || raised;
    if (raised) this.wake.raise();
  }
}
