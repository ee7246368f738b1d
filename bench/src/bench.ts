import { randomBytes } from 'node:crypto';
import type { CpuMeter } from './cpu/cpu-meter.js';
import type { Generator } from './load/generator-process.js';
import type { Options } from './options.js';
import type { Pacing } from './pacing.js';
import { Product } from './product.js';
import {
  newHome,
  removeHome,
  startStack,
  STACK_PARTS,
  type StackUnderTest,
} from './stack/stack-under-test.js';

/** What is shared by all stacks of one run of the benchmark. */
export interface Tools {
  readonly options: Options;
  readonly pacing: Pacing;
  readonly generator: Generator;
  readonly cpu: CpuMeter;
  /** Secret of every source of the benchmark. */
  readonly secret: string;
  readonly say: (text: string) => void;
}

/** What every measurement works with. */
export interface Bench extends Tools {
  readonly stack: StackUnderTest;
  readonly product: Product;
  /** Stops the stack and removes its data. */
  close(): Promise<void>;
}

const open = new Set<Bench>();

/** Stops every stack of this run and removes its data: for a benchmark that is told to end. */
export async function closeAll(): Promise<void> {
  await Promise.all([...open].map((bench) => bench.close()));
}

/** Starts a stack of its own on an empty data folder, which is kept, with its logs, when that fails. */
export async function openBench(tools: Tools): Promise<Bench> {
  const home = newHome();
  const stack = await startStack(home);
  const unwatch = tools.cpu.watch(() => [
    [stack.supervisorPid, 'supervisor'],
    ...STACK_PARTS.map((part): [number, string] => [stack.pid(part), part]),
  ]);
  const product = await Product.of(stack, tools).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    open.delete(bench);
    await product.close();
    await stack.stop();
    unwatch();
    removeHome(home);
  };
  const bench: Bench = { ...tools, stack, product, close: () => (closed ??= closeOnce()) };
  open.add(bench);
  return bench;
}

/** Secret in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** `count` in a full run, `quick` in a quick one. */
export function sized({ options }: Tools, count: number, quick: number): number {
  return options.quick ? quick : count;
}
