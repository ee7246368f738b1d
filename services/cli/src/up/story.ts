import Table from 'cli-table3';
import { leaseOf, type ErpOrder, type MainJobFacts, type StackStatus } from '@ecluse/local-stack';
import { paint } from '../terminal/terminal.js';

/** What happened to the example delivery, for people. */
export function storyLines({ delivery, run, orders }: MainJobFacts): string[] {
  const lease = leaseOf(run);
  return [
    paint('bold', 'What happened'),
    ...pairs([
      ['delivery', `${delivery.id} (${delivery.state})`],
      ['run', `${run.id} (${run.flow} version ${String(run.flowVersion)}, ${run.state})`],
      ['workflow', run.workflowId],
      ...(run.failure === null ? [] : ([['failure', `${run.failure.code} ${run.failure.reason}`]] as const)),
      ['lease', lease === undefined ? 'none' : `database user ${lease.user}, made by Vault for this work`],
      ...(lease === undefined
        ? []
        : ([
            ['', `reference ${lease.ref}`],
            ['', `expires ${lease.expiresAt}`],
          ] as const)),
    ]),
    '',
    ...(orders.length === 0 ? ['The ERP has no order for it.'] : orders.flatMap(orderLines)),
  ];
}

function orderLines(order: ErpOrder): string[] {
  const table = new Table({
    head: ['product', 'name', 'quantity', 'unit price', 'amount'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { sku, product, quantity, unitPrice, amount } of order.lines) {
    table.push([sku, product, quantity, unitPrice, amount]);
  }
  return [
    `${paint('bold', `Sales order ${order.number}`)} for ${order.customer}, ${order.currency} ${order.total}, written by ${order.createdBy}`,
    ...table.toString().split('\n'),
  ];
}

/** Where to look while the stack runs. */
export function whereLines(status: StackStatus, facts: MainJobFacts): string[] {
  const { endpoints, home, files } = status;
  return [
    paint('bold', 'Where to look'),
    ...pairs([
      ['door', `${endpoints.door}/in/… (npx ecluse send)`],
      ['admin API', `${endpoints.adminApi}/v1 (key: ${files.adminApiKey})`],
      ['API page', `${endpoints.apiDocs} (OpenAPI: ${endpoints.openApi})`],
      ['Temporal UI', `${facts.run.links.temporalUi} (log in first: npx ecluse ui)`],
      ['files', home],
      ['logs', `${home}/logs`],
      ['state', 'npx ecluse status'],
    ]),
  ];
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name, value]) => `  ${name.padEnd(12)}${value}`);
}
