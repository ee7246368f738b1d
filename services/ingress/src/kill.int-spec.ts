import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@ecluse/local-stack';
import { eventually } from '@ecluse/testing';
import { STANDARD_WEBHOOKS, sign } from '@ecluse/webhook-auth';
import { IngressFixture, type TestSource } from './testing/ingress-fixture.js';
import { IngressProcess } from './testing/ingress-process.js';
import { TEST_SECRET, deliver } from './testing/signed-delivery.js';

let fixture: IngressFixture;
/** No flow listens to it: its deliveries wait. */
let quiet: TestSource;
/** A flow listens to it. */
let source: TestSource;
const processes: IngressProcess[] = [];

beforeAll(async () => {
  fixture = await IngressFixture.create();
  const auth = { auth: { provider: 'standard-webhooks' } };
  quiet = await fixture.addSource(auth, { current: TEST_SECRET });
  source = await fixture.addSource(auth, { current: TEST_SECRET });
  await fixture.addFlow(source.name);
}, 60_000);
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop('SIGKILL')));
  await fixture.close();
});

async function start(failpoint?: string): Promise<IngressProcess> {
  const armed = failpoint === undefined ? {} : { ECLUSE_FAILPOINTS: 'enabled', ECLUSE_FAILPOINT: failpoint };
  const started = await IngressProcess.start(await fixture.environment(armed), await freePort());
  processes.push(started);
  return started;
}
const KILLED = { code: null, signal: 'SIGKILL' };

async function runOf(key: string) {
  const [run] = await fixture.rows(
    `SELECT r.state, r.start_attempts, r.temporal_run_id FROM runs r JOIN inbox i ON i.id = r.delivery_id
     WHERE i.delivery_key = $1`,
    [key],
  );
  return run;
}

describe('killed (-9)', () => {
  it('before the commit: no answer, nothing stored; the repetition is the first', async () => {
    const doomed = await start('door.before-commit');
    await expect(deliver(doomed.origin, quiet.path, 'before-commit')).rejects.toThrow();
    expect(await doomed.ended()).toEqual(KILLED);
    expect(await fixture.rows("SELECT id FROM inbox WHERE delivery_key = 'before-commit'")).toEqual([]);
    const next = await start();
    expect((await deliver(next.origin, quiet.path, 'before-commit')).status).toBe(202);
    await next.stop();
  }, 60_000);

  it('after the commit: no answer, but stored; the repetition gets the id of the first', async () => {
    const doomed = await start('door.after-commit');
    await expect(deliver(doomed.origin, quiet.path, 'after-commit')).rejects.toThrow();
    expect(await doomed.ended()).toEqual(KILLED);
    const rows = await fixture.rows("SELECT id FROM inbox WHERE delivery_key = 'after-commit'");
    const next = await start();
    const answer = await deliver(next.origin, quiet.path, 'after-commit');
    expect([answer.status, await answer.json()]).toEqual([202, { deliveryId: rows[0]?.['id'] }]);
    await next.stop();
  }, 60_000);

  it.each(['dispatch.before-start', 'dispatch.after-start'])(
    'at %s: the run is started once',
    async (point) => {
      const doomed = await start(point);
      // The answer may come before the dispatcher's death, or not at all.
      const key = point.replace('.', '-');
      await deliver(doomed.origin, source.path, key).catch(() => undefined);
      expect(await doomed.ended()).toEqual(KILLED);
      expect(await runOf(key)).toMatchObject({ state: 'queued', start_attempts: 1, temporal_run_id: null });
      const next = await start();
      await eventually(
        async () => {
          // The second start of `after-start` finds the run of the first and takes over its id.
          expect(await runOf(key)).toMatchObject({
            state: 'started',
            start_attempts: 2,
            temporal_run_id: expect.any(String),
          });
        },
        { timeoutMs: 25_000 },
      );
      await next.stop();
    },
    240_000,
  );
});

describe('asked to end (SIGTERM)', () => {
  it('exits cleanly, leaving no claim behind, and prints no secret', async () => {
    const running = await start();
    const sent = Array.from({ length: 20 }, (_, index) =>
      deliver(running.origin, source.path, `term-${String(index)}`),
    );
    const answers = await Promise.all(sent);
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    expect(await running.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    const claims = await fixture.rows("SELECT id FROM runs WHERE state = 'queued' AND claimed_until > now()");
    expect(claims).toEqual([]);
    expect(running.printed).toContain('delivery accepted');
    for (const canary of ['canary-secret', TEST_SECRET.slice(6), source.token])
      expect(running.printed).not.toContain(canary);
  }, 60_000);

  it('finishes the delivery that it is receiving', async () => {
    const running = await start();
    const body = '{"type":"deal.won"}';
    const headers = sign(STANDARD_WEBHOOKS, TEST_SECRET, {
      body: Buffer.from(body),
      id: 'half-sent',
      timestamp: new Date(),
    });
    const fields = { ...headers, 'content-type': 'application/json', 'content-length': String(body.length) };
    const sending = request(`${running.origin}${quiet.path}`, { method: 'POST', headers: fields });
    sending.write(body.slice(0, 5));
    await eventually(() => {
      expect(sending.socket?.bytesWritten).toBeGreaterThan(5);
    });
    // Received in part, as a second request on another connection shows: it was written later and is answered.
    expect((await fetch(`${running.origin}/health/live`)).status).toBe(200);
    const ending = running.stop();
    await eventually(async () => {
      await expect(fetch(`${running.origin}/health/live`)).rejects.toThrow();
    });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.end(body.slice(5));
    const [answer] = await answered;
    expect(answer.statusCode).toBe(202);
    answer.resume();
    await ending;
    expect(await fixture.rows("SELECT id FROM inbox WHERE delivery_key = 'half-sent'")).toHaveLength(1);
  }, 60_000);
});
