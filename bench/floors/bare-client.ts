import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { BARE_QUEUE, BARE_WORKFLOWS, UNATTENDED_QUEUE } from './bare-worker/names.js';
import { newDeal } from './bare-worker/deal.js';

/** What the parent asks for. `execute` waits for each result; `start` only starts, on a queue that nobody polls. */
export interface BareWork {
  kind: 'execute' | 'start';
  workflow: keyof typeof BARE_WORKFLOWS;
  /** Ids of the deals are `<tag>-<n>`. */
  tag: string;
  count: number;
  /** Calls at once. */
  inFlight: number;
}
export interface BareWorkDone {
  seconds: number;
}

/** Calls `work` for 0..count-1 with at most `inFlight` at once. */
async function closedLoop(count: number, inFlight: number, work: (index: number) => Promise<unknown>) {
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, inFlight) }, runner));
}

async function perform(client: Client, work: BareWork): Promise<BareWorkDone> {
  const begun = performance.now();
  const workflow = BARE_WORKFLOWS[work.workflow];
  await closedLoop(work.count, work.inFlight, async (index) => {
    const args: [unknown] = [newDeal(`${work.tag}-${index}`)];
    const workflowId = `bare-${randomUUID()}`;
    if (work.kind === 'start')
      await client.workflow.start(workflow, { taskQueue: UNATTENDED_QUEUE, workflowId, args });
    else await client.workflow.execute(workflow, { taskQueue: BARE_QUEUE, workflowId, args });
  });
  return { seconds: (performance.now() - begun) / 1_000 };
}

/** A process of its own, as the product's ingress is: arguments are the Temporal address and the namespace. */
const [address = '', namespace = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const client = new Client({ connection, namespace });
process.on('message', (work: BareWork) => {
  void perform(client, work).then((done) => process.send?.(done));
});
process.on('disconnect', () => {
  process.exit(0);
});
process.stdout.write('ready\n');
