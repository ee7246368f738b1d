import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChaosProxy } from './chaos-proxy.js';

let echo: Server;
let received = '';
let proxy: ChaosProxy;
let client: Socket;

beforeEach(async () => {
  received = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString();
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await ChaosProxy.start((echo.address() as AddressInfo).port, () => 0.5);
  client = connect(proxy.port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await proxy.stop();
  echo.close();
});

async function answer(): Promise<string> {
  const [bytes] = (await once(client, 'data')) as [Buffer];
  return bytes.toString();
}
/** `once` would reject with the reset itself. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}
/** Whether an answer comes within the time. */
async function silentFor(ms: number): Promise<boolean> {
  const waiting = new AbortController();
  const spoke = once(client, 'data', { signal: waiting.signal }).then(
    () => false,
    () => true,
  );
  const silent = await Promise.race([spoke, pause(ms).then(() => true)]);
  waiting.abort();
  return silent;
}

describe('a link through the proxy', () => {
  it('passes bytes both ways', async () => {
    client.write('hello');
    expect(await answer()).toBe('hello');
  });

  it('delays each way', async () => {
    proxy.behave({ latencyMs: 60 });
    const begun = performance.now();
    client.write('late');
    await answer();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(115);
  });

  it('holds a partition and delivers what waited when it heals', async () => {
    proxy.behave({ silent: ['up', 'down'] });
    client.write('held');
    expect(await silentFor(80)).toBe(true);
    expect(received).toBe('');
    proxy.behave();
    expect(await answer()).toBe('held');
  });

  it('lets a request through and holds its answer in an asymmetric partition', async () => {
    proxy.behave({ silent: ['down'] });
    client.write('asked');
    expect(await silentFor(80)).toBe(true);
    expect(received).toBe('asked');
  });

  it('throws answers away for good', async () => {
    proxy.behave({ dropped: ['down'] });
    client.write('done');
    expect(await silentFor(80)).toBe(true);
    proxy.behave();
    client.write('next');
    expect(await answer()).toBe('next');
    expect(received).toBe('donenext');
  });

  it('lets a commit through and never tells its end', async () => {
    proxy.behave({ dropAnswersAfter: 'COMMIT' });
    client.write('INSERT');
    expect(await answer()).toBe('INSERT');
    client.write('COMMIT');
    expect(await silentFor(80)).toBe(true);
    expect(received).toBe('INSERTCOMMIT');
  });

  it('trickles', async () => {
    proxy.behave({ bytesPerSecond: 100 });
    client.write('x'.repeat(30));
    await pause(120);
    expect(received.length).toBeLessThan(30);
  });

  it('resets', async () => {
    proxy.behave({ resetShare: 1 });
    client.write('cut');
    await closed(client);
    expect(received).toBe('');
  });

  it('leaves the client alone on a half-open connection', async () => {
    client.write('first');
    await answer();
    proxy.halfOpen();
    client.write('second');
    expect(await silentFor(80)).toBe(true);
    expect(client.destroyed).toBe(false);
    expect(received).toBe('first');
  });

  it('ends the client when the server is away', async () => {
    await proxy.stop();
    const away = await ChaosProxy.start(1, () => 0.5);
    const knocking = connect(away.port, '127.0.0.1');
    knocking.on('error', () => undefined);
    await closed(knocking);
    await away.stop();
  });
});
