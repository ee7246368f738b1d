import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createTemporalClient, namespaceId, type TemporalClient } from '@ecluse/temporal';
import { eventually, testServers } from '@ecluse/testing';
import { TcpGate } from '../testing/tcp-gate.js';

let gate: TcpGate | undefined;
let temporal: TemporalClient | undefined;
afterEach(async () => {
  await temporal?.close();
  await gate?.close();
});

describe('a connection to Temporal that lost its route', () => {
  it('is replaced within seconds, though nobody resets it', async () => {
    const { address, namespace } = testServers().temporal;
    const [host = '', port = ''] = address.split(':');
    gate = await TcpGate.before(host, Number(port));
    const client = createTemporalClient({
      address: `127.0.0.1:${String(gate.port)}`,
      namespace,
      dataConverter: {},
      identity: randomUUID(),
    });
    temporal = client;
    await namespaceId(client);
    gate.silence();
    const before = performance.now();
    await expect(namespaceId(client)).rejects.toMatchObject({ code: 'ECL-2001' });
    await eventually(() => namespaceId(client), { timeoutMs: 60_000 });
    expect(performance.now() - before).toBeLessThan(10_000);
  }, 90_000);
});
