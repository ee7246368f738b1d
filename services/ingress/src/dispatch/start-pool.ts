import type { Logger } from '@ecluse/observability';
import type { EngineGate } from './engine-gate.js';

/** How one start ended, and what is to be written about it. */
export interface StartEnd {
  /** `away`: the engine could not take it, nor would it take another; `settled`: the run's own matter. */
  verdict: 'started' | 'away' | 'settled';
  record(): Promise<void>;
}

/** Starts per allowed start that may wait for their record: a slow database stops claims before memory grows. */
const RECORDS_PER_START = 4;

/**
 * Runs starts side by side, as many as the gate allows. Their records are written meanwhile and take no place of a
 * start, so that the engine always has work.
 */
export class StartPool {
  private starting = 0;
  private recording = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly gate: EngineGate,
    private readonly log: Logger,
  ) {}

  /** Starts that may be added now. */
  get room(): number {
    const { limit } = this.gate;
    const unrecorded = RECORDS_PER_START * limit - this.starting - this.recording;
    return Math.max(0, Math.min(limit - this.starting, unrecorded));
  }

  /** Resolves when a part of the room is free, so that a claim is worth its statement; at once while the gate is shut. */
  async roomy(): Promise<void> {
    while (this.starting + this.recording > 0 && this.room < Math.max(1, this.gate.limit / 4))
      await this.change();
  }

  /** Resolves when everything that was added has ended and is recorded. */
  async drained(): Promise<void> {
    while (this.starting + this.recording > 0) await this.change();
  }

  add(start: () => Promise<StartEnd>): void {
    this.starting += 1;
    void this.run(start);
  }

  private async run(start: () => Promise<StartEnd>): Promise<void> {
    const begunAt = performance.now();
    const end = await this.attempt(start);
    this.starting -= 1;
    this.recording += 1;
    this.judge(begunAt, end?.verdict);
    this.changed();
    // Not recorded: the claim ends by itself, and the start that follows is a no-op.
    await end?.record().catch((error: unknown) => {
      this.log.warn('a start was not recorded', { error });
    });
    this.recording -= 1;
    this.changed();
  }

  private async attempt(start: () => Promise<StartEnd>): Promise<StartEnd | undefined> {
    try {
      return await start();
    } catch (error) {
      this.log.error('a start failed', { error });
      return undefined;
    }
  }

  private judge(begunAt: number, verdict: StartEnd['verdict'] | undefined): void {
    const before = this.gate.failures;
    if (verdict === 'away') this.gate.failed(begunAt);
    if (verdict !== 'started') return;
    this.gate.succeeded(begunAt);
    if (before > 0 && this.gate.failures === 0) this.log.info('runs can be started again', { count: before });
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  private changed(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
