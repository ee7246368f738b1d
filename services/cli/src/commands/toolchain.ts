import type { Command } from 'commander';
import { resolveToolchain } from '@ecluse/local-stack';
import { StepProgress } from '../terminal/step-progress.js';
import { print, terminal } from '../terminal/terminal.js';
import { optionsOf } from './command-context.js';

/** `ecluse toolchain`: finds or builds the two servers, so that a later start needs no build. */
export function registerToolchain(program: Command): void {
  program
    .command('toolchain')
    .description('find or build the Temporal and Vault programs without starting anything')
    .option('--verbose', 'show the last line of a running build too')
    .action(async (own: { verbose?: boolean }, self: Command) => {
      const { json } = optionsOf(self);
      const progress = new StepProgress({ total: 1, stream: terminal.notes, verbose: own.verbose === true });
      const found = await progress.step('find or build Temporal and Vault', (doing) =>
        resolveToolchain({
          env: process.env,
          onProgress: ({ part, step, total, what, lastLine }) => {
            doing(`building ${part}, ${String(step)} of ${String(total)}: ${what}`, lastLine);
          },
        }),
      );
      if (json === true) print(JSON.stringify(found, null, 2));
      else
        for (const [part, { path, version, origin }] of Object.entries(found))
          print(`${part} ${String(version)} ${String(path)} (${String(origin)})`);
    });
}
