import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceView } from '@ecluse/contracts';
import type { Pool } from 'pg';
import { Webhook } from 'standardwebhooks';
import { closedLoop } from './closed-loop.js';
import { newDeal } from './deals.js';
import type { StackUnderTest } from './stack-under-test.js';

/** Sends deals to the door and watches the ERP for their orders. */
export class Product {
  private constructor(
    private readonly doorUrl: string,
    private readonly webhook: Webhook,
    private readonly erp: Pool,
  ) {}

  static async of(stack: StackUnderTest, erp: Pool): Promise<Product> {
    const headers = { authorization: `Bearer ${stack.secret('admin-api-key')}` };
    const response = await fetch(`${stack.endpoints.adminApi}/v1/sources/crm-deals`, { headers });
    const source = (await response.json()) as SourceView;
    return new Product(source.url, new Webhook(stack.secret('webhook-crm-deals')), erp);
  }

  /** Resolves with the order's external id once the door has answered 202. */
  async send(): Promise<string> {
    const deal = newDeal();
    const body = JSON.stringify({ type: 'deal.won', deal });
    const key = randomUUID();
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': key,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': this.webhook.sign(key, now, body),
    };
    const response = await fetch(this.doorUrl, { method: 'POST', headers, body });
    if (response.status !== 202) throw new Error(`the door answered ${String(response.status)}`);
    await response.arrayBuffer();
    return `deal-${deal.id}`;
  }

  /** Milliseconds from the 202 to the committed order, one delivery at a time. */
  async acceptToOrder(): Promise<number> {
    const externalId = await this.send();
    const accepted = performance.now();
    await this.waitForOrders([externalId]);
    return performance.now() - accepted;
  }

  /** Flows per second: from the first request to the last order, with `inFlight` senders; every order is counted. */
  async flowsPerSecond(
    count: number,
    inFlight: number,
  ): Promise<{ perSecond: number; lost: number; doubled: number }> {
    const sent: string[] = [];
    const begun = performance.now();
    await closedLoop(count, inFlight, async () => {
      sent.push(await this.send());
    });
    const found = await this.waitForOrders(sent);
    const perSecond = count / ((performance.now() - begun) / 1000);
    return { perSecond, lost: count - new Set(found).size, doubled: found.length - new Set(found).size };
  }

  private async waitForOrders(externalIds: string[], timeoutMs = 120_000): Promise<string[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { rows } = await this.erp.query<{ external_id: string }>(
        'SELECT external_id FROM sales_order WHERE external_id = ANY($1)',
        [externalIds],
      );
      if (rows.length >= externalIds.length || performance.now() > deadline)
        return rows.map((row) => row.external_id);
      await sleep(externalIds.length === 1 ? 2 : 25);
    }
  }
}
