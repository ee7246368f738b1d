import type { Command } from 'commander';
import { applyDocuments } from '../apply/apply-documents.js';
import { currentVariables } from '../apply/current-variables.js';
import { readDocuments } from '../apply/read-documents.js';
import { showJson, showTable } from '../terminal/table.js';
import { note } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';

export interface DocumentOptions {
  readonly file: string;
  readonly var?: string[];
}

/** Options that name documents and their variables. */
export function withDocuments(command: Command): Command {
  return command
    .requiredOption('-f, --file <path>', 'a document, or a folder of documents')
    .option('--var <name=value...>', 'value of a ${name} in the documents');
}

/** `ecluse apply`: creates or changes sources, connections and flow versions; repeatable. */
export function registerApply(program: Command): void {
  withDocuments(program.command('apply'))
    .description(
      'create or change what the documents say; a changed flow becomes a new version, not yet released',
    )
    .action(async (_options, self: Command) => {
      const options = optionsOf<DocumentOptions>(self);
      const documents = await readDocuments(options.file);
      const results = await applyDocuments(
        await adminClient(options),
        documents,
        await currentVariables(options.var),
      );
      if (options.json === true) showJson(results);
      else {
        showTable(
          ['kind', 'name', 'change', 'version'],
          results.map((r) => [r.kind, r.name, r.change, r.version]),
        );
        for (const { name, version } of results.filter(
          ({ kind, change }) => kind === 'Flow' && change !== 'unchanged',
        )) {
          note(`new deliveries follow it after: ecluse release ${name} --version ${String(version)}`);
        }
      }
    });
}
