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
export function sendDelivery({ url, secret, key, body }: SignedDelivery): Promise<string> {
  const bytes = Buffer.from(body);
  const signature = sign(STANDARD_WEBHOOKS, secret, { body: bytes, id: key, timestamp: new Date() });
  return postToDoor(url, { 'content-type': 'application/json', ...signature }, bytes);
}

/** Posts to the door; resolves to the delivery id. Throws `STACK_BROKEN` with the door's status and code. */
export async function postToDoor(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers,
    body: Buffer.from(body),
  });
  const answer = (await response.json().catch(() => ({}))) as { deliveryId?: unknown; code?: unknown };
  if (response.status === 202 && typeof answer.deliveryId === 'string') return answer.deliveryId;
  const code = typeof answer.code === 'string' ? ` (${answer.code})` : '';
  throw new EcluseError('STACK_BROKEN', { detail: `the door answered ${String(response.status)}${code}` });
}
