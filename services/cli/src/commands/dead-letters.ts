import type { Command } from 'commander';
import type { DeadLetterView, Page, RunSummary } from '@ecluse/contracts';
import { showFields, showJson, showTable } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface DeadLetterOptions extends ListOptions {
  readonly state?: string;
}
interface ReasonOption {
  readonly reason?: string;
}

/** `ecluse dead-letters`: what waits for a person, and what the person does about it. */
export function registerDeadLetters(program: Command): void {
  const command = withPaging(program.command('dead-letters'))
    .description('list dead letters, newest first')
    .option('--state <state>', 'open, retried or discarded (default: open)')
    .action((_options, self: Command) => list(self));
  command
    .command('show')
    .description('one dead letter: what happened and what to do')
    .argument('<id>', 'dead letter')
    .action((id: string, _options, self: Command) => show(id, self));
  command
    .command('retry')
    .description('start a new run on the released version; confirmed effects are skipped')
    .argument('<id>', 'dead letter')
    .option('--reason <text>', 'kept in the audit')
    .action((id: string, _options, self: Command) => retry(id, self));
  command
    .command('discard')
    .description('end it without a run, in your name')
    .argument('<id>', 'dead letter')
    .requiredOption('--reason <text>', 'why; kept with the dead letter and in the audit')
    .action((id: string, _options, self: Command) => discard(id, self));
}

async function list(self: Command): Promise<void> {
  const { json, state = 'open', limit, cursor, ...access } = optionsOf<DeadLetterOptions>(self);
  const client = await adminClient(access);
  const { body: page } = await client.get<Page<DeadLetterView>>(
    `/v1/dead-letters${queryOf({ state, limit, cursor })}`,
  );
  if (json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((d) => [d.id, d.flow, d.stepId, d.code, d.createdAt]);
  showTable(['dead letter', 'flow', 'step', 'code', 'since'], rows);
  for (const { id, reason } of page.items) print(`${id}: ${reason}`);
  noteNextPage(page);
}

async function show(id: string, self: Command): Promise<void> {
  const options = optionsOf(self);
  const client = await adminClient(options);
  const { body } = await client.get<DeadLetterView>(`/v1/dead-letters/${encodeURIComponent(id)}`);
  if (options.json === true) showJson(body);
  else showFields({ ...body });
}

async function retry(id: string, self: Command): Promise<void> {
  const { reason, ...options } = optionsOf<ReasonOption>(self);
  const client = await adminClient(options);
  const body = reason === undefined ? {} : { reason };
  const answer = await client.post<RunSummary>(`/v1/dead-letters/${encodeURIComponent(id)}/retry`, { body });
  if (options.json === true) showJson(answer.body);
  else
    print(
      `run ${answer.body.id} is queued, version ${String(answer.body.flowVersion)} of ${answer.body.flow}`,
    );
}

async function discard(id: string, self: Command): Promise<void> {
  const { reason, ...options } = optionsOf<ReasonOption>(self);
  const client = await adminClient(options);
  const answer = await client.post<DeadLetterView>(`/v1/dead-letters/${encodeURIComponent(id)}/discard`, {
    body: { reason },
  });
  if (options.json === true) showJson(answer.body);
  else print(`discarded by ${answer.body.settledBy ?? 'you'}`);
}
