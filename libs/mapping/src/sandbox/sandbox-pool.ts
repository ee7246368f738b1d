import { EcluseError } from '@ecluse/errors';
import type { Failure } from '../failure.js';
import { fromJsonText, type JsonResult } from '../json-result.js';
import type { MappingLimits, SandboxPoolOptions } from '../limits.js';
import { ExpressionRecords, type Ending } from './expression-records.js';
import { ReturnSlots } from './return-slots.js';
import { SandboxLane, type Unserved } from './sandbox-lane.js';
import type { SandboxAnswer, SandboxRequest } from './sandbox-thread.js';
import { TimeoutVerdicts } from './timeout-verdicts.js';

const WORDS: Record<Unserved['busy'], string> = {
  full: 'its queue is full',
  late: 'it had no time in time',
  'cut off': 'the evaluation was cut off',
  ended: 'the sandbox ended or did not start',
};

/**
 * Two lanes: one for expressions of which nothing bad is known, and one, with a thread of its own that starts when it
 * is needed, for those that ran into a limit lately. Poison thus waits for poison, and everybody else for nobody.
 */
export class SandboxPool {
  private readonly records = new ExpressionRecords();
  private readonly verdicts = new TimeoutVerdicts();
  private readonly slots = new ReturnSlots();
  private readonly lane: SandboxLane;
  private readonly quarantine: SandboxLane;

  constructor(
    options: SandboxPoolOptions,
    private readonly limits: MappingLimits,
  ) {
    const common = {
      waitMs: options.waitMs,
      limits,
      timesOf: (expression: string) => this.records.timesOf(expression, limits),
    };
    this.lane = new SandboxLane({
      ...common,
      threads: options.threads,
      spare: 1,
      queue: options.queue,
      onAnswer: (request, answer, ms) => {
        if (this.note(request, answer, ms) !== 'completed') this.isolate(request.expression);
      },
    });
    this.quarantine = new SandboxLane({
      ...common,
      threads: 1,
      spare: 0,
      queue: options.quarantineQueue,
      onAnswer: (request, answer, ms) => {
        this.note(request, answer, ms);
        this.slots.served(ms);
      },
    });
  }

  /** Throws MAPPING_BUSY; aborted, an evaluation leaves the queue, or its thread is ended, at once. */
  async run(request: SandboxRequest, signal?: AbortSignal): Promise<JsonResult> {
    const known = this.verdicts.get(request);
    if (known !== undefined) return { ok: false, failure: known };
    const suspect = this.records.isSuspect(request.expression);
    const answer = await new Promise<SandboxAnswer | Unserved>((resolve) => {
      (suspect ? this.quarantine : this.lane).add({ request, signal, resolve });
    });
    if ('busy' in answer) throw this.busy(request, answer);
    return 'text' in answer
      ? fromJsonText(answer.text, this.limits.resultBytes)
      : { ok: false, failure: answer.failure };
  }

  warmUp(): Promise<void> {
    return this.lane.warmUp();
  }

  async close(): Promise<void> {
    await Promise.all([this.lane.close(), this.quarantine.close()]);
  }

  private note(request: SandboxRequest, answer: SandboxAnswer, ms: number): Ending {
    const failure = 'failure' in answer ? answer.failure : undefined;
    const ending = endingOf(failure);
    this.records.note(request.expression, ending, ms);
    if (failure !== undefined && ending === 'timeout') this.verdicts.put(request, failure);
    return ending;
  }

  /** What waits with the same expression would take the thread one after another. */
  private isolate(expression: string): void {
    for (const waiting of this.lane.take(expression)) this.quarantine.add(waiting);
  }

  private busy({ expression }: SandboxRequest, { busy }: Unserved): EcluseError {
    const waits = (busy === 'full' || busy === 'late') && this.records.isSuspect(expression);
    return new EcluseError('MAPPING_BUSY', {
      detail: waits ? 'its expression ran into a limit lately and waits for its turn' : WORDS[busy],
      ...(waits ? { retryAfterSeconds: this.slots.next() } : {}),
    });
  }
}

function endingOf(failure: Failure | undefined): Ending {
  if (failure?.kind !== 'limit') return 'completed';
  return failure.limit === 'cpu' || failure.limit === 'wall' ? 'timeout' : 'limit';
}
