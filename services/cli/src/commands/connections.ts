import type { Command } from 'commander';
import type { ConnectionView, Page } from '@ecluse/contracts';
import { showFields, showJson, showTable } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface ReasonOption {
  readonly reason?: string;
}

/** `ecluse connections`: what they are, whether their calls pass, and holding those back. */
export function registerConnections(program: Command): void {
  const command = withPaging(program.command('connections'))
    .description('list connections and whether their calls pass')
    .action((_options, self: Command) => list(self));
  command
    .command('show')
    .description('one connection: why its calls are held back, since when, until when')
    .argument('<name>', 'connection')
    .action((name: string, _options, self: Command) => show(name, self));
  command
    .command('pause')
    .description('hold its calls back; work that needs it waits without using up attempts')
    .argument('<name>', 'connection')
    .requiredOption('--reason <text>', 'why; shown with the runs that wait, and kept in the audit')
    .action((name: string, _options, self: Command) => hold('pause', name, self));
  command
    .command('resume')
    .description('let its calls pass again; also closes an open circuit before its time')
    .argument('<name>', 'connection')
    .option('--reason <text>', 'kept in the audit')
    .action((name: string, _options, self: Command) => hold('resume', name, self));
}

async function list(self: Command): Promise<void> {
  const { json, limit, cursor, ...access } = optionsOf<ListOptions>(self);
  const client = await adminClient(access);
  const { body: page } = await client.get<Page<ConnectionView>>(
    `/v1/connections${queryOf({ limit, cursor })}`,
  );
  if (json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((c) => [
    c.name,
    JSON.stringify(c.spec['connector']),
    c.state,
    c.heldSince,
    c.stateReason,
    c.version,
  ]);
  showTable(['connection', 'connector', 'state', 'held since', 'why', 'version'], rows);
  noteNextPage(page);
}

async function show(name: string, self: Command): Promise<void> {
  const options = optionsOf(self);
  const client = await adminClient(options);
  const { body } = await client.get<ConnectionView>(`/v1/connections/${encodeURIComponent(name)}`);
  if (options.json === true) {
    showJson(body);
    return;
  }
  showFields({
    connection: body.name,
    connector: JSON.stringify(body.spec['connector']),
    state: body.state,
    why: body.stateReason,
    'held since': body.heldSince,
    'looks at the remote': body.openUntil,
    'changed by': body.stateChangedBy,
    version: body.version,
    'definition changed': body.updatedAt,
  });
}

async function hold(verb: 'pause' | 'resume', name: string, self: Command): Promise<void> {
  const { reason, ...options } = optionsOf<ReasonOption>(self);
  const client = await adminClient(options);
  const body = reason === undefined ? {} : { reason };
  const answer = await client.post<ConnectionView>(`/v1/connections/${encodeURIComponent(name)}/${verb}`, {
    body,
  });
  if (options.json === true) showJson(answer.body);
  else print(`connection ${name} is ${verb}d`);
}
