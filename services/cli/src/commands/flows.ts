import type { Command } from 'commander';
import type { FlowVersionView, FlowView, Page, ReleaseView } from '@ecluse/contracts';
import { showJson, showTable } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

/** `ecluse flows [name]`: all flows, or the versions and releases of one. */
export function registerFlows(program: Command): void {
  withPaging(program.command('flows'))
    .description('list flows; with a name, its versions and releases')
    .argument('[name]', 'flow')
    .action(async (name: string | undefined, _options, self: Command) => {
      const options = optionsOf<ListOptions>(self);
      await (name === undefined ? listFlows(options) : showFlow(name, options));
    });
}

type Options = ReturnType<typeof optionsOf<ListOptions>>;

async function listFlows(options: Options): Promise<void> {
  const client = await adminClient(options);
  const query = queryOf({ limit: options.limit, cursor: options.cursor });
  const { body: page } = await client.get<Page<FlowView>>(`/v1/flows${query}`);
  if (options.json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((f) => [f.name, f.source, f.releasedVersion ?? 'none', f.latestVersion]);
  showTable(['flow', 'source', 'released', 'latest'], rows);
  noteNextPage(page);
}

async function showFlow(name: string, options: Options): Promise<void> {
  const client = await adminClient(options);
  const path = `/v1/flows/${encodeURIComponent(name)}`;
  const [flow, versions, releases] = await Promise.all([
    client.get<FlowView>(path),
    client.get<Page<FlowVersionView>>(`${path}/versions`),
    client.get<Page<ReleaseView>>(`${path}/releases`),
  ]);
  if (options.json === true) {
    showJson({ ...flow.body, versions: versions.body.items, releases: releases.body.items });
    return;
  }
  const released = flow.body.releasedVersion;
  print(
    `${name}: ${released === null ? 'no version is released' : `version ${String(released)} is released`}`,
  );
  showTable(
    ['version', 'sha256', 'published', 'by'],
    versions.body.items.map((v) => [v.version, v.sha256.slice(0, 12), v.createdAt, v.createdBy]),
  );
  showTable(
    ['when', 'what', 'version', 'before', 'by', 'reason'],
    releases.body.items.map((r) => [r.releasedAt, r.kind, r.version, r.previousVersion, r.actor, r.reason]),
  );
}
