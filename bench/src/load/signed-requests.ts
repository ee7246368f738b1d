import { createHmac } from 'node:crypto';
import { newDeal } from '../../floors/bare-worker/deal.js';
import type { LoadPlan } from './load.js';

/** Forged requests are all alike to the server: a few are enough. */
const FORGED = 500;

/** A complete HTTP request, ready to be written to a socket of `url`. */
export interface SignedRequest {
  readonly url: URL;
  readonly bytes: Buffer;
}

/** Signs all requests of a plan, before anything is measured. Standard Webhooks; valid for five minutes. */
export function signRequests(plan: LoadPlan): SignedRequest[] {
  const urls = plan.urls.map((url) => new URL(url));
  const key = Buffer.from(plan.secret.slice('whsec_'.length), 'base64');
  if (plan.forged === true) key.reverse();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const count = plan.forged === true ? FORGED : plan.count;
  return Array.from({ length: count }, (_, index) => {
    const url = urls[index % urls.length];
    if (url === undefined) throw new Error('a load needs an address');
    return { url, bytes: signRequest(url, key, `${plan.tag}-${index}`, timestamp) };
  });
}

function signRequest(url: URL, key: Buffer, id: string, timestamp: string): Buffer {
  const body = JSON.stringify({ type: 'bench', deal: newDeal(id) });
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `webhook-id: ${id}`,
    `webhook-timestamp: ${timestamp}`,
    `webhook-signature: v1,${signature}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
