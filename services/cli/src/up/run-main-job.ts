import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryView, RunView } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { readErpOrders, type MainJobFacts, type StackHome } from '@ecluse/local-stack';
import type { AdminClient } from '../admin/admin-client.js';
import { EXAMPLE, type AppliedExample } from './example.js';
import { freshDeal } from './example-deal.js';
import { sendDelivery } from './send-delivery.js';

const FINAL: readonly DeliveryView['state'][] = ['succeeded', 'dead_letter', 'discarded'];
/** Longest wait for the end of the run. Milliseconds. */
const TIMEOUT_MS = 90_000;

export interface MainJobOptions {
  readonly client: AdminClient;
  readonly home: StackHome;
  readonly example: AppliedExample;
  /** Told the delivery's state while it waits. */
  readonly doing: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The main job, once: sends one signed deal, waits for its end, and looks at what arrived in the ERP.
 * Then sends the same delivery again, which must change nothing.
 * Throws `STACK_BROKEN` when the delivery does not end in time.
 */
export async function runMainJob({
  client,
  home,
  example,
  doing,
  signal,
}: MainJobOptions): Promise<MainJobFacts> {
  const file = await readFile(join(EXAMPLE.folder, 'deliveries', 'new-customer.json'), 'utf8');
  const suffix = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  const deal = freshDeal(file, suffix);
  const message = { url: example.source.url, secret: example.secret, key: `msg-${suffix}`, body: deal.body };
  const deliveryId = await sendDelivery(message);
  doing(`delivery ${deliveryId} accepted`);
  const delivery = await waitForEnd(client, deliveryId, doing, signal);
  const run = await findRun(client, delivery);
  const repeatedDeliveryId = await sendDelivery(message);
  const orders = await readErpOrders(home, deal.orderExternalId);
  const { expectedTotal } = deal;
  return { delivery, run, orders, expectedTotal, repeatedDeliveryId, now: new Date().toISOString() };
}

async function waitForEnd(
  client: AdminClient,
  id: string,
  doing: (text: string) => void,
  signal: AbortSignal,
): Promise<DeliveryView> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { body: delivery } = await client.get<DeliveryView>(`/v1/deliveries/${id}`);
    if (FINAL.includes(delivery.state)) return delivery;
    doing(`delivery ${id} is ${delivery.state}`);
    if (performance.now() > deadline) {
      const detail = `delivery ${id} is still ${delivery.state} after ${String(TIMEOUT_MS / 1_000)} s`;
      throw new EcluseError('STACK_BROKEN', { detail });
    }
    await pause(150, undefined, { signal });
  }
}

async function findRun(client: AdminClient, delivery: DeliveryView): Promise<RunView> {
  const [summary] = delivery.runs;
  if (summary === undefined)
    throw new EcluseError('STACK_BROKEN', { detail: `delivery ${delivery.id} has no run` });
  return (await client.get<RunView>(`/v1/runs/${summary.id}`)).body;
}
