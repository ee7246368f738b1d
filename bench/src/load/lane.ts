import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.js';

/** Milliseconds before a broken connection is made again. */
const RECONNECT_MS = 100;

/** What a lane needs from the load that it is part of. */
export interface LaneWork<Job> {
  /** The next request, or undefined when there is none now: the lane then waits for `wake`. */
  next(): Job | undefined;
  bytes(job: Job): Buffer;
  /** Status of the answer; 0 when the connection broke before it. */
  settle(job: Job, status: number): void;
}

/** One keep-alive connection that sends one request after the other. */
export class Lane<Job> {
  private socket: Socket | undefined;
  private connected = false;
  private job: Job | undefined;
  private closed = false;

  constructor(
    private readonly origin: URL,
    private readonly work: LaneWork<Job>,
  ) {
    this.open();
  }

  /** True when it could send at once. */
  get idle(): boolean {
    return this.connected && this.job === undefined;
  }

  /** Takes the next request, if there is one and the lane is free. */
  wake(): void {
    if (!this.idle) return;
    this.job = this.work.next();
    if (this.job !== undefined) this.socket?.write(this.work.bytes(this.job));
  }

  close(): void {
    this.closed = true;
    this.socket?.destroy();
  }

  private open(): void {
    const reader = new AnswerReader();
    const socket = connect({ host: this.origin.hostname, port: Number(this.origin.port), noDelay: true });
    this.socket = socket;
    socket.once('connect', () => {
      this.connected = true;
      this.wake();
    });
    socket.on('data', (chunk) => {
      const status = reader.push(chunk);
      if (status !== undefined) this.settle(status);
      if (reader.closes) this.reopen(socket);
      else this.wake();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => {
      if (this.closed || socket !== this.socket) return;
      this.connected = false;
      this.settle(0);
      setTimeout(() => {
        if (!this.closed) this.open();
      }, RECONNECT_MS);
    });
  }

  /** The server ends a connection after so many requests; the next one goes over a new one, at once. */
  private reopen(old: Socket): void {
    this.connected = false;
    this.open();
    old.destroy();
  }

  private settle(status: number): void {
    const { job } = this;
    this.job = undefined;
    if (job !== undefined) this.work.settle(job, status);
  }
}
