import type { Command } from 'commander';
import type { Page, SourceView } from '@ecluse/contracts';
import { showJson, showTable } from '../terminal/table.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

/** `ecluse sources`: names, door URLs and the ids of their secrets. */
export function registerSources(program: Command): void {
  withPaging(program.command('sources'))
    .description('list sources with their door URLs and the ids of their secrets')
    .action(async (_options, self: Command) => {
      const { json, limit, cursor, ...access } = optionsOf<ListOptions>(self);
      const client = await adminClient(access);
      const { body: page } = await client.get<Page<SourceView>>(`/v1/sources${queryOf({ limit, cursor })}`);
      if (json === true) {
        showJson(page);
        return;
      }
      const rows = page.items.map((s) => [
        s.name,
        s.url,
        s.secretIds.join(', ') || 'none: all refused',
        s.version,
      ]);
      showTable(['source', 'door URL', 'secrets', 'version'], rows);
      noteNextPage(page);
    });
}
