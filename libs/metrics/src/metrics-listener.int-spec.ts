import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics } from './create-metrics.js';
import { listenForMetrics, type MetricsListener } from './metrics-listener.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function listen(append?: string): Promise<MetricsListener> {
  const options = { host: '127.0.0.1', port: 0, metrics: createMetrics(['door']) };
  const listener = await listenForMetrics(append === undefined ? options : { ...options, append });
  open.push(listener);
  return listener;
}
const at = (listener: MetricsListener, path: string): string =>
  `http://127.0.0.1:${String(listener.port)}${path}`;

describe('the metrics listener', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/health/live', 404],
    ['GET', '/metrics/../in/token', 404],
    ['POST', '/metrics', 405],
  ])('refuses %s %s', async (method, path, status) => {
    expect((await fetch(at(await listen(), path), { method })).status).toBe(status);
  });

  it('refuses a port that is taken, by name', async () => {
    const { port } = await listen();
    const options = { host: '127.0.0.1', port, metrics: createMetrics(['door']) };
    await expect(listenForMetrics(options)).rejects.toMatchObject({ code: 'ECL-7003' });
  });

  it('answers in the text format, with the appended endpoint while that answers', async () => {
    const sdk = createServer((_request, response) => response.end('temporal_worker_slots 5\n'));
    await new Promise<void>((resolve) => sdk.listen(0, '127.0.0.1', resolve));
    const listener = await listen(`http://127.0.0.1:${String((sdk.address() as AddressInfo).port)}/metrics`);
    const both = await fetch(at(listener, '/metrics'));
    expect(both.headers.get('content-type')).toContain('text/plain');
    const text = await both.text();
    expect(text).toContain('# TYPE ecluse_door_rejects_total counter');
    expect(text).toContain('\ntemporal_worker_slots 5\n');
    sdk.closeAllConnections();
    await new Promise((resolve) => sdk.close(resolve));
    expect((await fetch(at(listener, '/metrics'))).status).toBe(200);
  });
});
