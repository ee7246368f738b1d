import type { Bench } from '../bench.js';
import type { Pairs } from '../figures.js';
import { interleave, type Side } from '../interleave.js';

const MANY = 1_000;
const FEW = 10;

/** T11: deliveries spread over 1,000 flows, a source each, interleaved with a stack that has ten. */
export async function measureManyFlows(many: Bench, few: Bench): Promise<Pairs> {
  return interleave(
    [await spreadSide(many, MANY), await spreadSide(few, FEW)],
    { warmUp: 100, seconds: 15, most: MANY },
    many,
  );
}

async function spreadSide({ product, say }: Bench, flows: number): Promise<Side> {
  const urls: string[] = [];
  for (let index = 0; index < flows; index += 1) {
    urls.push(await product.flow(`bench-flow-${index}`, 'own-run-one.yaml'));
    if (urls.length % 250 === 0) say(`${urls.length} of ${flows} flows applied`);
  }
  const run = (count: number) => product.complete({ urls, count, connections: 32, sink: 'party' });
  return { name: `${flows} flows`, run };
}
