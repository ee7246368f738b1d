import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { delayMs, sliceBytes, type Behaviour, type Direction } from './behaviour.js';

interface Piece {
  readonly bytes: Buffer;
  /** Monotonic milliseconds before which it may not arrive. */
  readonly dueAt: number;
}
/** Bytes that wait in one direction before the sender is slowed down. */
const MAX_WAITING_BYTES = 1 << 20;
/** How often a held direction looks whether it is open again. Milliseconds. */
const LOOK_MS = 20;

/** A TCP link that can be made bad, for new connections and for those that are open. */
export class ChaosProxy {
  private behaviour: Behaviour = {};
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  /** Connections whose answers are thrown away until they end. */
  private readonly mute = new WeakSet<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
    private readonly random: () => number,
  ) {
    server.on('connection', (client) => {
      this.join(client);
    });
  }

  /** Listens on a free port of 127.0.0.1 and connects to `targetPort` there. */
  static async start(targetPort: number, random: () => number): Promise<ChaosProxy> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ChaosProxy(server, targetPort, random);
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  /** From now on, on all connections; without arguments the link is good again. */
  behave(behaviour: Behaviour = {}): void {
    this.behaviour = behaviour;
  }

  /** Ends the server's side of every open connection without telling the client, as a lost NAT entry does. */
  halfOpen(): void {
    for (const pair of this.pairs) {
      this.pairs.delete(pair);
      pair[1].destroy();
    }
  }

  /** Resets every open connection. */
  reset(): void {
    for (const pair of this.pairs) this.end(pair);
  }

  async stop(): Promise<void> {
    this.behave();
    this.server.close();
    this.reset();
    await pause(0);
  }

  private join(client: Socket): void {
    const server = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const pair = [client, server] as const;
    this.pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {
        if (this.pairs.has(pair)) this.end(pair);
      });
    }
    // A server that is away refuses; so does the link. A connection that is half open stays as it is.
    client.once('close', () => {
      this.pairs.delete(pair);
      server.destroy();
    });
    server.once('close', () => {
      if (this.pairs.has(pair)) this.end(pair);
    });
    void this.pump(pair, client, server, 'up');
    void this.pump(pair, server, client, 'down');
  }

  /** Carries one direction, piece by piece, in order. */
  private async pump(
    pair: readonly [Socket, Socket],
    from: Socket,
    to: Socket,
    direction: Direction,
  ): Promise<void> {
    const waiting: Piece[] = [];
    let bytesWaiting = 0;
    const source = { ended: false, closed: false };
    let wake: () => void = () => undefined;
    from.on('data', (bytes: Buffer) => {
      waiting.push({ bytes, dueAt: performance.now() + delayMs(this.behaviour, this.random()) });
      bytesWaiting += bytes.length;
      if (bytesWaiting > MAX_WAITING_BYTES) from.pause();
      wake();
    });
    from.once('end', () => {
      source.ended = true;
      wake();
    });
    from.once('close', () => {
      source.closed = true;
      wake();
    });
    while (this.pairs.has(pair)) {
      const piece = waiting.shift();
      if (piece === undefined) {
        if (source.ended || source.closed) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      await this.carry(pair, to, piece, direction);
      bytesWaiting -= piece.bytes.length;
      if (bytesWaiting <= MAX_WAITING_BYTES) from.resume();
    }
    if (source.ended && this.pairs.has(pair)) to.end();
  }

  private async carry(
    pair: readonly [Socket, Socket],
    to: Socket,
    { bytes, dueAt }: Piece,
    direction: Direction,
  ): Promise<void> {
    const { dropAnswersAfter: text } = this.behaviour;
    if (direction === 'up' && text !== undefined && bytes.includes(text)) this.mute.add(pair);
    const early = dueAt - performance.now();
    if (early > 0) await pause(early);
    for (let sent = 0; sent < bytes.length && this.pairs.has(pair);) {
      while (this.behaviour.silent?.includes(direction) === true && this.pairs.has(pair))
        await pause(LOOK_MS);
      if (this.behaviour.dropped?.includes(direction) === true) return;
      if (direction === 'down' && this.mute.has(pair)) return;
      if (this.random() < (this.behaviour.resetShare ?? 0)) {
        this.end(pair);
        return;
      }
      const slice = bytes.subarray(sent, sent + Math.min(bytes.length, sliceBytes(this.behaviour)));
      sent += slice.length;
      if (!to.destroyed) to.write(slice);
      const { bytesPerSecond } = this.behaviour;
      if (bytesPerSecond !== undefined) await pause((slice.length * 1_000) / bytesPerSecond);
    }
  }

  private end(pair: readonly [Socket, Socket]): void {
    this.pairs.delete(pair);
    for (const socket of pair) {
      if (socket.destroyed) continue;
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
