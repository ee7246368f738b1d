import { once } from 'node:events';
import { EcluseError } from '@ecluse/errors';
import { errorCode } from '../system-error.js';
import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that was free a moment ago. Another process may take it before the caller does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has a port.');
  return address.port;
}

/**
 * Throws PORT_IN_USE when somebody listens on one of these ports of 127.0.0.1. Without this look, a foreign server
 * on the port could pass for ours while ours is still failing.
 */
export async function requireFreePorts(name: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch (error) {
      if (errorCode(error) !== 'EADDRINUSE') throw error;
      throw new EcluseError('PORT_IN_USE', { detail: `${name} cannot listen on 127.0.0.1:${String(port)}.` });
    }
    server.close();
    await once(server, 'close');
  }
}
