import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DEFAULT_NAMESPACE } from '@ecluse/contracts';
import { BARE_QUEUE, BARE_WORKFLOW } from '../floors/bare-worker/names.js';
import { closedLoop } from './closed-loop.js';
import { newDeal } from './deals.js';
import { stopChild, type StackUnderTest } from './stack-under-test.js';

/** The same two remote calls by a bare client and a bare worker, on the same Temporal server and the same ERP. */
export class Floor {
  private constructor(
    private readonly worker: ChildProcess,
    private readonly connection: Connection,
    private readonly client: Client,
  ) {}

  /** @param erpUrl A static user with the rights of the product's dynamic one. */
  static async start(stack: StackUnderTest, erpUrl: string): Promise<Floor> {
    const entry = fileURLToPath(new URL('../floors/bare-worker/worker.js', import.meta.url));
    const worker = spawn(process.execPath, [entry, stack.endpoints.temporal, DEFAULT_NAMESPACE, erpUrl], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise<void>((resolve, reject) => {
      worker.stdout.once('data', () => {
        resolve();
      });
      worker.once('exit', () => {
        reject(new Error('the bare worker did not start'));
      });
    });
    const connection = await Connection.connect({ address: stack.endpoints.temporal });
    return new Floor(worker, connection, new Client({ connection, namespace: DEFAULT_NAMESPACE }));
  }

  /** Workflows per second, from the first start to the last result, with `inFlight` at once. */
  async flowsPerSecond(count: number, inFlight: number): Promise<number> {
    const begun = performance.now();
    await closedLoop(count, inFlight, async () => {
      const options = { taskQueue: BARE_QUEUE, workflowId: `bare-${randomUUID()}`, args: [newDeal()] };
      await this.client.workflow.execute(BARE_WORKFLOW, options);
    });
    return count / ((performance.now() - begun) / 1000);
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await stopChild(this.worker);
  }
}
