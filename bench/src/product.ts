import { randomBytes } from 'node:crypto';
import type { CpuMeter } from './cpu/cpu-meter.js';
import type { RunFigures } from './figures.js';
import { answered } from './load/load.js';
import type { Generator } from './load/generator-process.js';
import { ErpSink, type SinkKind } from './sink/erp-sink.js';
import { AdminApi } from './stack/admin-api.js';
import { InboxView } from './stack/inbox-view.js';
import type { StackUnderTest } from './stack/stack-under-test.js';

/** Deliveries sent through the door and counted in the ERP. */
export interface Deliveries {
  /** Addresses at the door. */
  readonly urls: readonly string[];
  readonly count: number;
  /** Connections of the sender. */
  readonly connections: number;
  readonly sink: SinkKind;
  /** What is done around the sending, for example the worker held back meanwhile. */
  readonly whileSending?: { begin(): void; end(): void };
}

/** Ecluse, as the benchmark uses it. */
export class Product {
  private constructor(
    private readonly parts: { cpu: CpuMeter; generator: Generator; secret: string },
    readonly sink: ErpSink,
    readonly admin: AdminApi,
    readonly inbox: InboxView,
  ) {}

  static async of(
    stack: StackUnderTest,
    parts: { cpu: CpuMeter; generator: Generator; secret: string },
  ): Promise<Product> {
    const admin = new AdminApi(stack);
    await admin.apply('connections', 'bench-erp', 'connection.yaml');
    return new Product(parts, await ErpSink.open(stack.databaseUrl('erp')), admin, new InboxView(stack));
  }

  /** A source of its own with one released flow of the same name on it; answers the source's address. */
  async flow(name: string, file: string): Promise<string> {
    const url = await this.admin.source(name, this.parts.secret);
    await this.admin.flow(name, file, name);
    return url;
  }

  /**
   * Sends and waits until every effect is in the ERP and every run has ended. The rate is that of completed
   * deliveries, from the first request (or the end of a held-back sending) to the last effect.
   */
  async complete({ urls, count, connections, sink, whileSending }: Deliveries): Promise<RunFigures> {
    const { generator, cpu, secret } = this.parts;
    const tag = newTag();
    const send = await generator.prepare({ urls, secret, tag, count, connections });
    whileSending?.begin();
    const measured = cpu.begin();
    let begunAt = Date.now();
    const sent = await this.sendAll(send, whileSending, () => (begunAt = Date.now()));
    const accepted = answered(sent, 202);
    const { completed, doubled, lastAt } = await this.sink.waitFor(sink, tag, accepted);
    if (completed >= accepted) await this.inbox.settled();
    const use = measured();
    const seconds = (lastAt - begunAt) / 1_000;
    return {
      count: accepted,
      seconds,
      perSecond: completed / seconds,
      lost: accepted - completed,
      doubled,
      cpuMs: use.groups,
      foreignShare: use.foreignShare,
    };
  }

  private async sendAll(
    send: () => ReturnType<Awaited<ReturnType<Generator['prepare']>>>,
    whileSending: Deliveries['whileSending'],
    heldBack: () => void,
  ) {
    const sent = await send();
    if (whileSending !== undefined) {
      whileSending.end();
      heldBack();
    }
    return sent;
  }

  async close(): Promise<void> {
    await this.sink.close();
    await this.inbox.close();
  }
}

/** Names the deliveries of one run; part of every id in it. */
export function newTag(): string {
  return randomBytes(6).toString('hex');
}
