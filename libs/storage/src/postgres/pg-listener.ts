import pg from 'pg';
import type { DataSource } from 'typeorm';

/** NOTIFY channels: new work for the dispatcher; definitions changed; connections held or free. None carries a payload. */
export const INBOX_CHANNEL = 'ecluse_inbox';
export const SOURCES_CHANNEL = 'ecluse_sources';
export const CONNECTIONS_CHANNEL = 'ecluse_connections';
type Channel = typeof INBOX_CHANNEL | typeof SOURCES_CHANNEL | typeof CONNECTIONS_CHANNEL;

export interface ListenTimings {
  /** First pause before a reconnect, in milliseconds; doubles up to `maxPauseMs`. Default 200. */
  firstPauseMs?: number;
  /** Default 5000. */
  maxPauseMs?: number;
  /** A connection without any answer for this long is replaced. Default 30000. */
  heartbeatMs?: number;
}

/**
 * Listens on a connection of its own, and connects again for ever. Calls back on each NOTIFY, and after each
 * reconnect, since notifications of the gap are lost. Resolves when the first attempt to connect has ended,
 * well or not: the caller's slow poll covers the time until then. The result stops listening.
 */
export async function listenOn(
  dataSource: DataSource,
  channel: Channel,
  notified: () => void,
  timings: ListenTimings = {},
): Promise<() => Promise<void>> {
  const listener = new PgListener(urlOf(dataSource), channel, notified, timings);
  await listener.connect();
  return () => listener.stop();
}

function urlOf(dataSource: DataSource): string {
  const { options } = dataSource;
  if (options.type !== 'postgres' || options.url === undefined) throw new Error('The data source has no URL');
  return options.url;
}

class PgListener {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private everConnected = false;
  private failures = 0;
  private readonly firstPauseMs: number;
  private readonly maxPauseMs: number;
  private readonly heartbeatMs: number;

  constructor(
    private readonly url: string,
    private readonly channel: Channel,
    private readonly notified: () => void,
    timings: ListenTimings,
  ) {
    this.firstPauseMs = timings.firstPauseMs ?? 200;
    this.maxPauseMs = timings.maxPauseMs ?? 5000;
    this.heartbeatMs = timings.heartbeatMs ?? 30_000;
  }

  async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: `listen ${this.channel}`,
      connectionTimeoutMillis: 3000,
      query_timeout: 5000,
      keepAlive: true,
    });
    this.client = client;
    client.on('notification', () => {
      this.notified();
    });
    client.on('error', () => {
      this.lost(client);
    });
    client.on('end', () => {
      this.lost(client);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${this.channel}`);
    } catch {
      this.lost(client);
      return;
    }
    this.connected(client);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private connected(client: pg.Client): void {
    if (this.client !== client) return;
    this.failures = 0;
    this.schedule(() => void this.heartbeat(client), this.heartbeatMs);
    // Also when the first attempt failed: what was notified meanwhile is lost as well.
    if (this.everConnected || this.wasAway) this.notified();
    this.everConnected = true;
    this.wasAway = false;
  }

  private wasAway = false;

  /** Called once per connection, whichever sign of its end comes first. */
  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.wasAway = true;
    void client.end().catch(() => undefined);
    if (this.stopped) return;
    const pause = Math.min(this.firstPauseMs * 2 ** this.failures, this.maxPauseMs);
    this.failures += 1;
    this.schedule(() => void this.connect(), pause * (0.5 + Math.random() / 2));
  }

  /** A peer that vanished without a word is noticed by the query's timeout. */
  private async heartbeat(client: pg.Client): Promise<void> {
    try {
      await client.query('SELECT 1');
    } catch {
      this.lost(client);
      return;
    }
    if (this.client === client) this.schedule(() => void this.heartbeat(client), this.heartbeatMs);
  }

  private schedule(work: () => void, milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(work, milliseconds);
    this.timer.unref();
  }
}
