import type { Command } from 'commander';
import type { ReleaseView } from '@ecluse/contracts';
import { showJson } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf, type GlobalOptions } from './command-context.js';
import { positive } from './list-options.js';

interface ReleaseOptions {
  readonly version?: number;
  readonly reason?: string;
}

/** `ecluse release`: points new deliveries at a version. */
export function registerRelease(program: Command): void {
  program
    .command('release')
    .description('point new deliveries at a version of a flow; running work finishes on its own version')
    .argument('<flow>', 'flow')
    .requiredOption('--version <n>', 'version to release', positive)
    .option('--reason <text>', 'kept in the release history and the audit')
    .action((flow: string, _options, self: Command) =>
      move(flow, 'releases', optionsOf<ReleaseOptions>(self)),
    );
}

/** `ecluse rollback`: points back. */
export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('point new deliveries back at the version released before, or at the one given')
    .argument('<flow>', 'flow')
    .option('--version <n>', 'version to go back to', positive)
    .option('--reason <text>', 'kept in the release history and the audit')
    .action((flow: string, _options, self: Command) =>
      move(flow, 'rollback', optionsOf<ReleaseOptions>(self)),
    );
}

async function move(
  flow: string,
  how: 'releases' | 'rollback',
  options: ReleaseOptions & GlobalOptions,
): Promise<void> {
  const { version, reason } = options;
  const client = await adminClient(options);
  const body = { ...(version === undefined ? {} : { version }), ...(reason === undefined ? {} : { reason }) };
  const answer = await client.post<ReleaseView>(`/v1/flows/${encodeURIComponent(flow)}/${how}`, { body });
  const { version: now, previousVersion: before } = answer.body;
  if (options.json === true) showJson(answer.body);
  else
    print(
      `${flow}: new deliveries run on version ${String(now)}${before === null ? '' : `, before on ${String(before)}`}`,
    );
}
