import { STANDARD_WEBHOOKS, sign } from '@ecluse/webhook-auth';

/** A Standard Webhooks secret for tests. */
export const TEST_SECRET = `whsec_${Buffer.from('canary-secret-value-1234').toString('base64')}`;

/** Sends one signed delivery as a well-behaved sender would. */
export async function deliver(
  origin: string,
  path: string,
  id: string,
  body = '{"type":"deal.won"}',
): Promise<Response> {
  const message = { body: Buffer.from(body), id, timestamp: new Date() };
  return fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...sign(STANDARD_WEBHOOKS, TEST_SECRET, message) },
    body,
  });
}
