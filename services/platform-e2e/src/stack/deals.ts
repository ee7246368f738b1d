import { randomUUID } from 'node:crypto';
import type { DeliveryView, Page, RunView, SourceView } from '@ecluse/contracts';
import { eventually } from '@ecluse/testing';
import { Webhook } from 'standardwebhooks';
import { get } from './api.js';
import { readSecret } from './status.js';

/** Body of a won deal; every call makes a deal of its own. */
export function wonDeal(overrides: { email?: string; sku?: string; type?: string } = {}): {
  id: string;
  body: string;
} {
  const id = randomUUID();
  const deal = {
    id,
    currency: 'EUR',
    company: {
      id: `company-${id}`,
      name: 'Test Basin AG',
      email: overrides.email ?? 'buyer@test-basin.example',
    },
    items: [{ id: '1', sku: overrides.sku ?? 'PUMP-20', quantity: 2, price: '450.00' }],
  };
  return { id, body: JSON.stringify({ type: overrides.type ?? 'deal.won', deal }) };
}

export interface Signed {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Signs with the reference implementation of Standard Webhooks, as the CRM would. */
export async function signed(body: string, key: string = randomUUID()): Promise<Signed> {
  const { url } = await get<SourceView>('/v1/sources/crm-deals');
  const now = new Date();
  const signature = new Webhook(readSecret('webhook-crm-deals')).sign(key, now, body);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': key,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signature,
  };
  return { url, headers, body };
}

export async function post({ url, headers, body }: Signed): Promise<{ status: number; deliveryId: string }> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const answer = (await response.json()) as { deliveryId?: string };
  return { status: response.status, deliveryId: answer.deliveryId ?? '' };
}

/** Sends one deal and expects it to be accepted. */
export async function sendDeal(body: string): Promise<string> {
  const { status, deliveryId } = await post(await signed(body));
  if (status !== 202) throw new Error(`the door answered ${String(status)}`);
  return deliveryId;
}

/** Waits until the delivery is in a state that needs no more work of the platform. */
export async function settled(deliveryId: string, timeoutMs = 60_000): Promise<DeliveryView> {
  return eventually(
    async () => {
      const delivery = await get<DeliveryView>(`/v1/deliveries/${deliveryId}`);
      if (!['succeeded', 'dead_letter', 'discarded'].includes(delivery.state)) {
        throw new Error(`delivery ${deliveryId} is ${delivery.state}`);
      }
      return delivery;
    },
    { timeoutMs },
  );
}

export async function runOf(delivery: DeliveryView, index = 0): Promise<RunView> {
  const run = delivery.runs[index];
  if (run === undefined) throw new Error(`delivery ${delivery.id} has no run ${String(index)}`);
  return get<RunView>(`/v1/runs/${run.id}`);
}

export async function deadLettersOf(
  deliveryId: string,
): Promise<Page<{ id: string; deliveryId: string; state: string; reason: string; code: string }>['items']> {
  const page = await get<
    Page<{ id: string; deliveryId: string; state: string; reason: string; code: string }>
  >('/v1/dead-letters?limit=200');
  return page.items.filter((letter) => letter.deliveryId === deliveryId);
}
