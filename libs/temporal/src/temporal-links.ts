import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, Connection } from '@temporalio/client';
import { GRPC, grpcCodeOf } from './engine-error.js';

/** One connection and what was heard through it. */
export interface TemporalLink {
  connection: Connection;
  client: Client;
}
interface Watched extends TemporalLink {
  /** Begin of the first call since the last answer that ended without one; monotonic milliseconds. */
  silentSince: number | undefined;
}

/** A connection is given up when calls ended at their deadlines for this long and none was answered. Milliseconds. */
export const MOST_SILENCE_MS = 3_000;
/** Calls that are still under way through a connection that was given up end by their own deadlines until then. */
const LINGER_MS = 15_000;
/** Say nothing about the other side: the call came back from our own end of the connection. */
const UNANSWERED = new Set<number>([GRPC.DEADLINE_EXCEEDED, GRPC.UNAVAILABLE, GRPC.CANCELLED]);

/**
 * The connection in use, replaced when it went silent: a route that was lost without a reset keeps a connection
 * established for many minutes, and gRPC queues calls into it.
 */
export class TemporalLinks {
  private current: Watched;
  private readonly old = new Set<Connection>();
  /** What runs with a deadline stays with the connection whose deadline it is. */
  private readonly pinned = new AsyncLocalStorage<Watched>();

  constructor(private readonly open: () => TemporalLink) {
    this.current = { ...open(), silentSince: undefined };
  }

  get link(): TemporalLink {
    return this.pinned.getStore() ?? this.current;
  }

  /** @param timeoutMs Milliseconds for all calls inside together. */
  async withDeadline<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
    const link = this.current;
    const begunAt = performance.now();
    try {
      const deadline = Date.now() + timeoutMs;
      const result = await this.pinned.run(link, () => link.connection.withDeadline(deadline, call));
      link.silentSince = undefined;
      return result;
    } catch (error) {
      this.judge(link, begunAt, grpcCodeOf(error));
      throw error;
    }
  }

  async close(): Promise<void> {
    const all = [this.current.connection, ...this.old];
    this.old.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }

  private judge(link: Watched, begunAt: number, code: number | null): void {
    if (code === null) return;
    if (!UNANSWERED.has(code)) link.silentSince = undefined;
    if (code !== GRPC.DEADLINE_EXCEEDED) return;
    link.silentSince ??= begunAt;
    if (link === this.current && performance.now() - link.silentSince >= MOST_SILENCE_MS) this.replace();
  }

  private replace(): void {
    const { connection } = this.current;
    this.old.add(connection);
    this.current = { ...this.open(), silentSince: undefined };
    setTimeout(() => {
      if (this.old.delete(connection)) void connection.close().catch(() => undefined);
    }, LINGER_MS).unref();
  }
}
