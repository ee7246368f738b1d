import { EcluseError } from '@ecluse/errors';
import { sign, STANDARD_WEBHOOKS } from '@ecluse/webhook-auth';

/** A message to a source whose scheme is Standard Webhooks. */
export interface SignedDelivery {
  readonly url: string;
  readonly secret: string;
  /** Delivery key, sent as `webhook-id`. */
  readonly key: string;
  readonly body: string;
}

/** Longest wait for the door's answer. Milliseconds. */
const TIMEOUT_MS = 15_000;

/** Signs and sends like the CRM would; resolves to the delivery id. Throws `STACK_BROKEN` when the door refuses. */
export async function sendDelivery({ url, secret, key, body }: SignedDelivery): Promise<string> {
  const bytes = Buffer.from(body);
  const response = await fetch(url, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      'content-type': 'application/json',
      ...sign(STANDARD_WEBHOOKS, secret, { body: bytes, id: key, timestamp: new Date() }),
    },
    body: bytes,
  });
  const answer = (await response.json().catch(() => ({}))) as { deliveryId?: unknown; code?: unknown };
  if (response.status === 202 && typeof answer.deliveryId === 'string') return answer.deliveryId;
  const code = typeof answer.code === 'string' ? ` (${answer.code})` : '';
  throw new EcluseError('STACK_BROKEN', { detail: `the door answered ${String(response.status)}${code}` });
}
