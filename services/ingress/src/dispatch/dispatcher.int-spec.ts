import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { eventually, testServers } from '@ecluse/testing';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';
import { TEST_SECRET, deliver } from '../testing/signed-delivery.js';

let fixture: IngressFixture;
let origins: string[];
let connection: Connection;
beforeAll(async () => {
  fixture = await IngressFixture.create();
  // Two whole ingresses: their dispatchers compete for the same rows.
  origins = [await fixture.start(), await fixture.start()];
  connection = await Connection.connect({ address: testServers().temporal.address });
}, 60_000);
afterAll(async () => {
  await connection.close();
  await fixture.close();
});

interface Run {
  state: string;
  workflow_id: string;
  temporal_run_id: string | null;
  start_attempts: number;
}
async function runsOf(source: TestSource): Promise<Run[]> {
  return fixture.rows<Run>(
    'SELECT r.* FROM runs r JOIN inbox i ON i.id = r.delivery_id WHERE i.source = $1 ORDER BY r.queued_at',
    [source.name],
  );
}
async function send(source: TestSource, id: string): Promise<void> {
  const origin = origins[id.length % 2] ?? '';
  expect((await deliver(origin, source.path, id)).status).toBe(202);
}
async function newSource(): Promise<TestSource> {
  return fixture.addSource({ auth: { provider: 'standard-webhooks' } }, { current: TEST_SECRET });
}
/** First event of a workflow, as Temporal stores it. */
async function firstEvent(workflowId: string) {
  const { namespace } = testServers().temporal;
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
  });
  return history?.events?.[0]?.workflowExecutionStartedEventAttributes;
}

describe('a delivery whose source has no released flow', () => {
  it('waits visibly, and runs once a flow is released', async () => {
    const source = await newSource();
    await send(source, 'waiting');
    const delivery = async () =>
      (await fixture.rows('SELECT state, state_reason FROM inbox WHERE source = $1', [source.name]))[0];
    await eventually(async () => {
      expect(await delivery()).toEqual({
        state: 'waiting',
        state_reason: `no released flow takes source ${source.name}`,
      });
    });
    expect(await runsOf(source)).toEqual([]);
    await fixture.addFlow(source.name);
    await eventually(async () => {
      expect((await runsOf(source)).map(({ state }) => state)).toEqual(['started']);
    });
    expect(await delivery()).toMatchObject({ state: 'running' });
  });
});

describe('a delivery of a released flow', () => {
  it('is started once, under an id that derives from it, with its arguments encrypted', async () => {
    const source = await newSource();
    const flow = await fixture.addFlow(source.name);
    await send(source, 'single');
    const run = await eventually(async () => {
      const [row] = await runsOf(source);
      expect(row).toMatchObject({ state: 'started', start_attempts: 1 });
      return row;
    });
    expect(run?.workflow_id).toMatch(new RegExp(`^wh:acme:${source.name}:[0-9a-f]{32}:${flow}$`));
    const started = await firstEvent(run?.workflow_id ?? '');
    expect(started?.workflowType?.name).toBe('flowRun');
    expect(started?.originalExecutionRunId).toBe(run?.temporal_run_id);
    const [argument] = started?.input?.payloads ?? [];
    expect(Buffer.from(argument?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
  });

  it('gives one run per flow when several flows listen', async () => {
    const source = await newSource();
    const flows = [await fixture.addFlow(source.name), await fixture.addFlow(source.name)];
    await send(source, 'several');
    await eventually(async () => {
      const runs = await runsOf(source);
      expect(runs.map(({ state }) => state)).toEqual(flows.map(() => 'started'));
    });
  });

  it('is started by one of two dispatchers, for sixty at once', async () => {
    const source = await newSource();
    await fixture.addFlow(source.name, { batch: { max: 1 } });
    await Promise.all(Array.from({ length: 60 }, (_, index) => send(source, 'x'.repeat(index + 1))));
    await eventually(
      async () => {
        const runs = await runsOf(source);
        expect(runs.filter(({ state }) => state === 'started')).toHaveLength(60);
      },
      { timeoutMs: 30_000 },
    );
    const runs = await runsOf(source);
    expect(new Set(runs.map((run) => run.temporal_run_id)).size).toBe(60);
    // Claimed once each, and again only where the dispatcher says that the engine did not answer in time.
    const late = fixture.logs.filter((line) => line.includes('run not started yet'));
    const claims = runs.map((run) => 1 + late.filter((line) => line.includes(run.workflow_id)).length);
    expect(runs.map((run) => run.start_attempts)).toEqual(claims);
  }, 45_000);
});

it('makes the body partitions of the coming days', async () => {
  const partitions = await fixture.rows(
    "SELECT inhrelid FROM pg_inherits WHERE inhparent = 'inbox_bodies'::regclass",
  );
  expect(partitions.length).toBeGreaterThan(7);
});
