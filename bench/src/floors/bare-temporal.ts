import { DEFAULT_NAMESPACE } from '@ecluse/contracts';
import type { BareWork, BareWorkDone } from '../../floors/bare-client.js';
import type { Bench } from '../bench.js';
import type { RunFigures } from '../figures.js';
import { newTag } from '../product.js';
import { createErpUser, type SinkKind } from '../sink/erp-sink.js';
import { startChild, type Child } from '../stack/child.js';

/** A bare client and a bare worker on the same Temporal server, making the same calls on the same ERP. */
export class BareTemporal {
  private constructor(
    private readonly bench: Bench,
    private readonly worker: Child,
    private readonly client: Child,
    private readonly unwatch: () => void,
  ) {}

  static async start(bench: Bench): Promise<BareTemporal> {
    const { stack, cpu } = bench;
    const erpUrl = await createErpUser(stack);
    const at = [stack.endpoints.temporal, DEFAULT_NAMESPACE];
    const worker = await startChild('floors/bare-worker/worker.js', [...at, erpUrl]);
    const client = await startChild('floors/bare-client.js', at);
    const roots: [number, string][] = [
      [worker.pid, 'bare worker'],
      [client.pid, 'bare client'],
    ];
    return new BareTemporal(
      bench,
      worker,
      client,
      cpu.watch(() => roots),
    );
  }

  /** Runs `count` workflows with `inFlight` at once, counted in the ERP like the product's deliveries. */
  async complete(workflow: 'one' | 'two', count: number, inFlight: number): Promise<RunFigures> {
    const tag = newTag();
    const sink: SinkKind = workflow === 'one' ? 'party' : 'sales_order';
    const measured = this.bench.cpu.begin();
    const begunAt = Date.now();
    const work: BareWork = { kind: 'execute', workflow, tag, count, inFlight };
    await this.client.ask<BareWorkDone>(work);
    const { groups: cpuMs, foreignShare } = measured();
    const { completed, doubled, lastAt } = await this.bench.product.sink.waitFor(sink, tag, count);
    const seconds = (lastAt - begunAt) / 1_000;
    const lost = count - completed;
    return { count, seconds, perSecond: completed / seconds, lost, doubled, cpuMs, foreignShare };
  }

  /** Starts `count` workflows that nobody runs. */
  async start(count: number, inFlight: number): Promise<RunFigures> {
    const measured = this.bench.cpu.begin();
    const work: BareWork = { kind: 'start', workflow: 'one', tag: newTag(), count, inFlight };
    const { seconds } = await this.client.ask<BareWorkDone>(work);
    const { groups: cpuMs, foreignShare } = measured();
    return { count, seconds, perSecond: count / seconds, lost: 0, doubled: 0, cpuMs, foreignShare };
  }

  async stop(): Promise<void> {
    this.unwatch();
    await this.client.stop();
    await this.worker.stop();
  }
}
