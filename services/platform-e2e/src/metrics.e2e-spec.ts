import { describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { get } from './stack/api.js';
import { sendDeal, settled, wonDeal } from './stack/deals.js';
import { readStatus } from './stack/status.js';

type Endpoint = 'ingressMetrics' | 'workerMetrics' | 'adminMetrics';
async function scrape(endpoint: Endpoint): Promise<string> {
  const answer = await fetch(readStatus().endpoints[endpoint]);
  expect([endpoint, answer.status]).toEqual([endpoint, 200]);
  return answer.text();
}

describe('metrics of the running stack', () => {
  it('follow a delivery from the door to its end, without a word of its content', async () => {
    const deal = wonDeal({ email: 'jane@canary.example' });
    await settled(await sendDeal(deal.body));
    await get('/v1/me');
    const expected: [Endpoint, RegExp][] = [
      ['ingressMetrics', /ecluse_door_accept_duration_seconds_count\{outcome="accepted"\} [1-9]/],
      ['ingressMetrics', /ecluse_dispatcher_started_runs_total\{kind="\w+"\} [1-9]/],
      ['ingressMetrics', /ecluse_inbox_oldest_seconds \d/],
      ['workerMetrics', /ecluse_call_duration_seconds_count\{outcome="ok"\} [1-9]/],
      ['workerMetrics', /ecluse_runs_closed_total\{state="succeeded"\} [1-9]/],
      ['workerMetrics', /temporal_worker_task_slots_available\{/],
      ['adminMetrics', /ecluse_admin_request_duration_seconds_count\{method="GET",status="2xx"\} [1-9]/],
      ['adminMetrics', /ecluse_postgres_statements_total\{part="admin-api",kind="read"\} [1-9]/],
    ];
    await eventually(async () => {
      for (const [endpoint, line] of expected) expect(await scrape(endpoint)).toMatch(line);
    });
    for (const endpoint of new Set(expected.map(([name]) => name))) {
      const text = await scrape(endpoint);
      for (const word of ['canary', deal.id, 'acme', 'Basin']) expect(text).not.toContain(word);
    }
  });
});
