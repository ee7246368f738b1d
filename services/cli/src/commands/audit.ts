import type { Command } from 'commander';
import type { AuditView, Page } from '@ecluse/contracts';
import { showJson, showTable } from '../terminal/table.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface AuditOptions extends ListOptions {
  readonly resource?: string;
  readonly action?: string;
}

/** `ecluse audit`: who changed what, newest first. */
export function registerAudit(program: Command): void {
  withPaging(program.command('audit'))
    .description('list changes made by people and keys, newest first')
    .option('--resource <resource>', 'of one resource, for example flow/deal-won-to-order')
    .option('--action <action>', 'of one kind, for example flow.release')
    .action(async (_options, self: Command) => {
      const { json, resource, action, limit, cursor, ...access } = optionsOf<AuditOptions>(self);
      const client = await adminClient(access);
      const { body: page } = await client.get<Page<AuditView>>(
        `/v1/audit${queryOf({ resource, action, limit, cursor })}`,
      );
      if (json === true) {
        showJson(page);
        return;
      }
      const rows = page.items.map((a) => [a.at, a.actor, a.action, a.resource, JSON.stringify(a.detail)]);
      showTable(['when', 'who', 'what', 'resource', 'detail'], rows);
      noteNextPage(page);
    });
}
