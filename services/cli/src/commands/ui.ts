import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { UiSession } from '@ecluse/contracts';
import { showJson } from '../terminal/table.js';
import { note, print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';

interface UiOptions {
  readonly open?: boolean;
}

/** `ecluse ui`: a one-time login link to the Temporal UI with readable payloads. */
export function registerUi(program: Command): void {
  program
    .command('ui')
    .description('print a login link to the Temporal UI, valid once and for one minute')
    .option('--open', 'open it in the browser too')
    .action(async (_options, self: Command) => {
      const options = optionsOf<UiOptions>(self);
      const client = await adminClient(options);
      const { body: session } = await client.post<UiSession>('/v1/ui-sessions', { body: {} });
      if (options.json === true) showJson(session);
      else print(session.url);
      if (options.open === true) openBrowser(session.url);
    });
}

/** The platform's own opener; where there is none, the printed link is enough. */
function openBrowser(url: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {
    note(`${opener} is not there: open the link yourself`);
  });
  child.unref();
}
