import { sized, type Bench } from '../bench.js';
import { percentile } from '../statistics.js';

/** From the first byte sent to the committed write, one delivery at a time on an idle stack. Milliseconds. */
export interface IdleLatency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** The sink tells the time of the write, so that looking for it costs no accuracy. */
export async function measureIdleLatency({ product, ...tools }: Bench): Promise<IdleLatency> {
  const url = await product.flow('bench-own-one', 'own-run-one.yaml');
  const count = sized({ ...tools }, 100, 20);
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const { seconds } = await product.complete({ urls: [url], count: 1, connections: 1, sink: 'party' });
    latencies.push(seconds * 1_000);
  }
  return { count, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}
