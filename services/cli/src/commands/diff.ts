import { createTwoFilesPatch } from 'diff';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { ApplyResult, ConnectionView, FlowVersionView, FlowView, SourceView } from '@ecluse/contracts';
import { parseDocument } from '@ecluse/manifests';
import type { AdminClient } from '../admin/admin-client.js';
import { applyDocument, documentPath, resolveAll } from '../apply/apply-documents.js';
import { currentVariables } from '../apply/current-variables.js';
import { readDocuments, type DocumentFile } from '../apply/read-documents.js';
import { showJson } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { withDocuments, type DocumentOptions } from './apply.js';
import { adminClient, optionsOf } from './command-context.js';

/** `ecluse diff`: what `apply` would change; writes nothing. */
export function registerDiff(program: Command): void {
  withDocuments(program.command('diff'))
    .description('show what apply would change; the documents are checked as by apply')
    .action(async (_options, self: Command) => {
      const options = optionsOf<DocumentOptions>(self);
      const documents = resolveAll(await readDocuments(options.file), await currentVariables(options.var));
      const client = await adminClient(options);
      const differences: (ApplyResult & { patch: string })[] = [];
      for (const document of documents) {
        const result = await applyDocument(client, document, true);
        differences.push({ ...result, patch: await patchOf(client, document, result) });
      }
      if (options.json === true) showJson(differences);
      else
        for (const { kind, name, change, patch } of differences)
          print(`${kind} ${name}: ${change}\n${patch}`.trimEnd());
    });
}

async function patchOf(
  client: AdminClient,
  document: DocumentFile,
  { change }: ApplyResult,
): Promise<string> {
  if (change === 'unchanged') return '';
  const after = stringify(parseDocument(document).value['spec']);
  const before = await storedSpec(client, document);
  return createTwoFilesPatch('stored', document.file, before === undefined ? '' : stringify(before), after);
}

/** The spec as stored: of a flow, its latest version. */
async function storedSpec(client: AdminClient, document: DocumentFile): Promise<unknown> {
  const path = documentPath(document);
  const found = await client.find<SourceView | ConnectionView | FlowView>(path);
  if (found === undefined) return undefined;
  if (!('latestVersion' in found.body)) return found.body.spec;
  const version = String(found.body.latestVersion);
  return (await client.get<FlowVersionView>(`${path}/versions/${version}`)).body.definition;
}
