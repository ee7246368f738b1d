import type { Command } from 'commander';
import type { ReplayRequest, RunSummary } from '@ecluse/contracts';
import { showJson } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';
import { positive } from './list-options.js';

interface ReplayOptions {
  readonly flow?: string;
  readonly version?: number;
  readonly repeatEffects?: boolean;
  readonly reason: string;
}

/** `ecluse replay`: a new run from a stored delivery. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('start a new run from a stored delivery; confirmed effects are skipped')
    .argument('<delivery>', 'delivery')
    .option('--flow <name>', "flow to run; needed when the delivery's source feeds several")
    .option('--version <n>', 'version to run (default: the released one)', positive)
    .option('--repeat-effects', 'make confirmed effects again')
    .requiredOption('--reason <text>', 'why; kept in the audit')
    .action(async (delivery: string, _options, self: Command) => {
      const { flow, version, repeatEffects, reason, ...options } = optionsOf<ReplayOptions>(self);
      const body: ReplayRequest = {
        reason,
        ...(flow === undefined ? {} : { flow }),
        ...(version === undefined ? {} : { version }),
        ...(repeatEffects === undefined ? {} : { repeatEffects }),
      };
      const client = await adminClient(options);
      const answer = await client.post<RunSummary>(`/v1/deliveries/${encodeURIComponent(delivery)}/replays`, {
        body,
      });
      if (options.json === true) showJson(answer.body);
      else
        print(
          `run ${answer.body.id} is queued: replay ${String(answer.body.replayNo)} of ${answer.body.flow}`,
        );
    });
}
