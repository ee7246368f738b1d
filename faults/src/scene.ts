import { randomBytes } from 'node:crypto';
import { Product } from './product.js';
import { Remotes } from './remote/remotes.js';
import type { OpenScene } from './runs/case-context.js';
import { Inspector } from './runs/inspector.js';
import { FaultStack, type FaultStackOptions } from './stack/fault-stack.js';

/** Starts a stack, makes the remotes, applies the suite's documents. */
export async function openScene(options: FaultStackOptions): Promise<OpenScene> {
  const stack = await FaultStack.start(options);
  const remotes = await Remotes.open(stack.superuserUrl);
  const inspector = await Inspector.open(stack);
  const product = await Product.setUp(stack);
  const canaries = new Map([
    ['personal text', `canary-${randomBytes(12).toString('hex')}`],
    ['webhook secret', product.secret.replace('whsec_', '')],
    ['admin key', (await stack.secret('admin-api-key')).split('_').at(-1) ?? ''],
    ['worker database password', await stack.secret('ecluse_worker-password')],
    ['worker secret id', await stack.secret('worker-vault-secret-id')],
  ]);
  return {
    ...{ stack, remotes, inspector, product, canaries },
    close: async () => {
      await remotes.close();
      await inspector.close();
      await stack.stop();
    },
  };
}
