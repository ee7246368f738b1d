import type { Command } from 'commander';
import type { DeliveryView, Page } from '@ecluse/contracts';
import { showFields, showJson, showTable } from '../terminal/table.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface DeliveryOptions extends ListOptions {
  readonly state?: string;
  readonly source?: string;
}
type Options = ReturnType<typeof optionsOf<DeliveryOptions>>;

/** `ecluse deliveries [id]`. */
export function registerDeliveries(program: Command): void {
  withPaging(program.command('deliveries'))
    .description('list deliveries, newest first; with an id, one of them and its runs')
    .argument('[id]', 'delivery')
    .option('--state <state>', 'received, waiting, running, succeeded, dead_letter or discarded')
    .option('--source <name>', 'of one source')
    .action(async (id: string | undefined, _options, self: Command) => {
      const options = optionsOf<DeliveryOptions>(self);
      await (id === undefined ? list(options) : show(id, options));
    });
}

async function list(options: Options): Promise<void> {
  const { state, source, limit, cursor } = options;
  const client = await adminClient(options);
  const { body: page } = await client.get<Page<DeliveryView>>(
    `/v1/deliveries${queryOf({ state, source, limit, cursor })}`,
  );
  if (options.json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((d) => [d.id, d.source, d.state, d.receivedAt, d.stateReason]);
  showTable(['delivery', 'source', 'state', 'received', 'why'], rows);
  noteNextPage(page);
}

async function show(id: string, options: Options): Promise<void> {
  const client = await adminClient(options);
  const { body: delivery } = await client.get<DeliveryView>(`/v1/deliveries/${encodeURIComponent(id)}`);
  if (options.json === true) {
    showJson(delivery);
    return;
  }
  const { runs, stateReason, bodyBytes, contentType, secretId, ...rest } = delivery;
  showFields({
    ...rest,
    why: stateReason,
    body: `${String(bodyBytes)} bytes, ${contentType}, encrypted`,
    'verified with': `secret ${secretId}`,
  });
  showTable(
    ['run', 'flow', 'version', 'state', 'replay', 'queued', 'ended', 'waits for'],
    runs.map((r) => [r.id, r.flow, r.flowVersion, r.state, r.replayNo, r.queuedAt, r.endedAt, r.waitingFor]),
  );
}
