import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { JsonObject } from '@ecluse/contracts';

/** A TCP relay before the ERP: shut, the ERP is down for the one connection that goes through it. */
export class ErpGate {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #open = true;
  /** Connections that came while it was shut: what a remote that is down sees of callers. */
  refused = 0;

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      if (!this.#open) {
        this.refused += 1;
        near.destroy();
        return;
      }
      const far = connect(port, host);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }

  /** A gate before the server that the spec of a connection names. */
  static async before(spec: JsonObject): Promise<ErpGate> {
    const { host, port } = spec['config'] as { host: string; port: number };
    const gate = new ErpGate(host, port);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  /** The same connection, through the gate. */
  through(spec: JsonObject): JsonObject {
    const { port } = this.#server.address() as AddressInfo;
    return { ...spec, config: { ...(spec['config'] as JsonObject), host: '127.0.0.1', port } };
  }

  shut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  reopen(): void {
    this.#open = true;
  }

  async close(): Promise<void> {
    this.shut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
