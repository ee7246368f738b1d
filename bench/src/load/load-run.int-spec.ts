import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { LoadPlan } from './load.js';
import { LoadRun } from './load-run.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let server: Server | undefined;

async function serve(handle: RequestListener): Promise<string> {
  const made = createServer(handle);
  server = made;
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/in/token`;
}
const load = (url: string, change: Partial<LoadPlan> = {}): LoadRun =>
  new LoadRun({ urls: [url], secret, tag: 'tag', count: 20, connections: 4, ...change });

describe('the load generator', () => {
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('signs as the standard demands, every delivery under its own id', async () => {
    const ids = new Set<string>();
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        new Webhook(secret).verify(body, request.headers as Record<string, string>);
        ids.add(String(request.headers['webhook-id']));
        response.writeHead(202, { 'content-length': 2 }).end('{}');
      });
    });
    expect((await load(url).run()).statuses).toEqual({ 202: 20 });
    expect(ids.size).toBe(20);
  });

  it('sends again what was turned away or cut off, under the same id', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(String(request.headers['webhook-id']));
      if (seen.length === 3) request.socket.destroy();
      else response.writeHead(seen.length === 1 ? 503 : 202, { 'content-length': 0 }).end();
    });
    expect((await load(url).run()).statuses).toEqual({ 0: 1, 202: 20, 503: 1 });
    expect(new Set(seen).size).toBe(20);
  });

  it('measures an open loop from when a delivery was due: a stall counts for all that waited', async () => {
    let first = true;
    const url = await serve((_request, response) => {
      const answer = (): void => void response.writeHead(202, { 'content-length': 0 }).end();
      if (first) setTimeout(answer, 500);
      else answer();
      first = false;
    });
    const { latency } = await load(url, { rate: 100, connections: 1 }).run();
    expect(latency.p50).toBeGreaterThan(300);
  });
});
