import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Message } from './message.js';

/** One request and its end. Times are wall-clock milliseconds. */
export interface Attempt {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** HTTP status; `unreachable`: no answer came; `timeout`: none within five seconds. */
  readonly result: number | 'unreachable' | 'timeout';
  readonly deliveryId?: string;
  readonly retryAfter?: string;
}

export interface SenderOptions {
  /** Where the next attempt goes; asked each time, so that doors can take turns. */
  readonly url: (kind: Message['kind']) => string;
  /** `whsec_…` */
  readonly secret: string;
  readonly random: () => number;
}

/** What a strict sender waits for an answer. Milliseconds. */
const TIMEOUT_MS = 5_000;
/** Pauses double from the first to the last, as with senders that retry for hours, but shortened. Milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 16_000;

/**
 * A sender with the manners of Standard Webhooks: the same id and body at every attempt, a signature of its own per
 * attempt, retries for everything but 2xx and a final 4xx, `Retry-After` honoured. Its record is one side of the truth.
 */
export class Sender {
  readonly attempts: Attempt[] = [];
  private readonly webhook: Webhook;
  private readonly stopping = new AbortController();

  constructor(private readonly options: SenderOptions) {
    this.webhook = new Webhook(options.secret);
  }

  /** Sends until the door accepted it or refused it for good, or the sender gives up. Never throws. */
  async deliver(message: Message): Promise<Attempt | undefined> {
    for (
      let waitMs = FIRST_PAUSE_MS;
      !this.stopping.signal.aborted;
      waitMs = Math.min(waitMs * 2, LAST_PAUSE_MS)
    ) {
      const attempt = await this.attempt(message);
      if (isFinal(attempt.result)) return attempt;
      const asked = Number(attempt.retryAfter ?? 0) * 1_000;
      const jittered = Math.max(waitMs * (0.8 + 0.4 * this.options.random()), asked);
      await pause(jittered, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** One request, recorded. */
  async attempt(
    { kind, id, body }: Pick<Message, 'kind' | 'id' | 'body'>,
    at = new Date(),
  ): Promise<Attempt> {
    const startedAt = Date.now();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': this.webhook.sign(id, at, body),
    };
    const answer = await this.post(this.options.url(kind), headers, body);
    const attempt = { id, startedAt, endedAt: Date.now(), ...answer };
    this.attempts.push(attempt);
    return attempt;
  }

  /** No further attempts; `deliver` gives up. */
  stop(): void {
    this.stopping.abort();
  }

  private async post(
    url: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<Omit<Attempt, 'id' | 'startedAt' | 'endedAt'>> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      const answer = (await response.json().catch(() => ({}))) as { deliveryId?: string };
      const retryAfter = response.headers.get('retry-after');
      return {
        result: response.status,
        ...(answer.deliveryId === undefined ? {} : { deliveryId: answer.deliveryId }),
        ...(retryAfter === null ? {} : { retryAfter }),
      };
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      return { result: timedOut ? 'timeout' : 'unreachable' };
    }
  }
}

function isFinal(result: Attempt['result']): boolean {
  if (typeof result !== 'number') return false;
  return result < 300 || (result >= 400 && result < 500 && ![408, 425, 429].includes(result));
}
