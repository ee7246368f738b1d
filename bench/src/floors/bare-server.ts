import { Client } from 'pg';
import type { Bench } from '../bench.js';
import { startChild, type Child } from '../stack/child.js';

/** One of the bare HTTP servers, as a process of its own. */
export class BareServer {
  private constructor(
    /** Where to post. */
    readonly url: string,
    private readonly child: Child,
    private readonly unwatch: () => void,
    private readonly databaseUrl?: string,
  ) {}

  /** Verifies and answers, and keeps nothing. */
  static hmac(bench: Bench): Promise<BareServer> {
    return BareServer.start(bench, 'floors/fastify-hmac.js', [bench.secret]);
  }

  /** One durable INSERT before each answer, in a database of its own on the same PostgreSQL. */
  static insert(bench: Bench): Promise<BareServer> {
    const databaseUrl = bench.stack.databaseUrl('postgres');
    return BareServer.start(bench, 'floors/fastify-insert.js', [bench.secret, databaseUrl]);
  }

  private static async start(bench: Bench, module: string, args: [string, string?]): Promise<BareServer> {
    const child = await startChild(
      module,
      args.filter((arg) => arg !== undefined),
    );
    const unwatch = bench.cpu.watch(() => [[child.pid, 'bare server']]);
    return new BareServer(`${child.greeting}/in`, child, unwatch, args[1]);
  }

  /** Rows that the one-insert server has kept. */
  async rows(): Promise<number> {
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ rows: number }>('SELECT count(*)::int AS rows FROM floor_inbox');
      return rows[0]?.rows ?? 0;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    this.unwatch();
    await this.child.stop();
  }
}
