import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay before a real server: shut, the server is away for those who go through it, and for nobody else. */
export class TcpGate {
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private open = true;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(host: string, port: number): Promise<TcpGate> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the gate has no port');
    const gate = new TcpGate(server, address.port);
    server.on('connection', (near) => {
      gate.relay(near, host, port);
    });
    return gate;
  }

  /** Ends all connections and lets no new one through. */
  shut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Lets nothing through and ends nothing, like a network that lost its route: nobody is told. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Makes the connections that there are black holes; new ones work. */
  silence(): void {
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.resume();
    }
  }

  reopen(): void {
    this.open = true;
    this.frozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(near: Socket, host: string, port: number): void {
    if (!this.open) {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
    if (this.frozen) for (const socket of [near, far]) socket.pause();
  }
}
