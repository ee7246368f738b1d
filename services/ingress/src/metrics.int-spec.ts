import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@ecluse/local-stack';
import { eventually } from '@ecluse/testing';
import { IngressFixture, type TestSource } from './testing/ingress-fixture.js';
import { IngressProcess } from './testing/ingress-process.js';
import { TEST_SECRET, deliver } from './testing/signed-delivery.js';

/** Real: the process of the ingress, PostgreSQL, Vault, Temporal. */
let fixture: IngressFixture;
let ingress: IngressProcess;
let source: TestSource;
let metricsPort: number;

beforeAll(async () => {
  fixture = await IngressFixture.create();
  const auth = { auth: { provider: 'standard-webhooks' } };
  source = await fixture.addSource(auth, { current: TEST_SECRET });
  await fixture.addFlow(source.name);
  metricsPort = await freePort();
  const environment = await fixture.environment({ ECLUSE_INGRESS_METRICS_PORT: String(metricsPort) });
  ingress = await IngressProcess.start(environment, await freePort());
}, 120_000);
afterAll(async () => {
  await ingress.stop('SIGKILL');
  await fixture.close();
}, 30_000);

async function scrape(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${String(metricsPort)}/metrics`)).text();
}

describe('metrics of the ingress', () => {
  it('are not served where senders are', async () => {
    expect((await fetch(`${ingress.origin}/metrics`)).status).toBe(404);
  });

  it('tell what was accepted, refused, planned, started and waits, and nothing of who sent it', async () => {
    expect((await deliver(ingress.origin, source.path, 'jane-canary')).status).toBe(202);
    const unsigned = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`${ingress.origin}${source.path}`, unsigned)).status).toBe(401);
    await eventually(
      async () => {
        const text = await scrape();
        expect(text).toContain('ecluse_door_accept_duration_seconds_count{outcome="accepted"} 1');
        expect(text).toContain('ecluse_door_rejects_total{reason="SIGNATURE_REFUSED"} 1');
        expect(text).toMatch(/ecluse_door_accepted_bytes_total [1-9]/);
        expect(text).toContain('ecluse_group_commit_items_count{part="door"} 1');
        expect(text).toContain('ecluse_dispatcher_planned_deliveries_total 1');
        expect(text).toMatch(/ecluse_dispatcher_started_runs_total\{kind="\w+"\} 1/);
        expect(text).toContain('ecluse_inbox_deliveries{state="received"} 0');
        expect(text).toContain('ecluse_runs_open{state="started"} 1');
        expect(text).toContain('ecluse_connections_held{state="paused"} 0');
        expect(text).toMatch(/ecluse_vault_calls_total\{part="door",operation="login",outcome="ok"\} 1/);
        expect(text).toMatch(/ecluse_postgres_statements_total\{part="dispatcher",kind="\w+"\} \d/);
        expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
      },
      { timeoutMs: 15_000 },
    );
    const text = await scrape();
    for (const secret of ['canary', source.token, source.name, 'acme']) expect(text).not.toContain(secret);
  }, 30_000);
});
