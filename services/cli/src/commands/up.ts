import { Option, type Command } from 'commander';
import {
  LocalStack,
  locateStack,
  PORT_NAMES,
  portFlag,
  requestedPorts,
  resetStack,
  STACK_STEPS,
  type PortName,
} from '@ecluse/local-stack';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { report } from '../failure.js';
import { note, terminal } from '../terminal/terminal.js';
import { StepProgress } from '../terminal/step-progress.js';
import { confirmReset } from '../up/confirm-reset.js';
import { MAIN_JOB_STEPS, showMainJob } from '../up/show-main-job.js';
import { onStopSignal } from '../up/stop-signals.js';
import { VERSION } from '../version.js';
import { optionsOf } from './command-context.js';

interface UpOptions extends Partial<Readonly<Record<`${PortName}Port`, string>>> {
  readonly check?: boolean;
  readonly reset?: boolean;
  readonly yes?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `ecluse up`: the local stack in the foreground. `npm start` prepares the checkout and then calls it. */
export function registerUp(program: Command): void {
  const command = program
    .command('up')
    .description('start the local stack and keep it running until Ctrl-C (what `npm start` calls)')
    .option('--check', 'prove the main job once, stop everything; exit 0, or 1 and what failed')
    .option('--reset', 'delete all data of the stack first, after asking')
    .option('--yes', 'do not ask before --reset')
    .option('--verbose', 'show the last line of a running build too');
  for (const name of PORT_NAMES) command.addOption(new Option(`${portFlag(name)} <port>`).hideHelp());
  command.addHelpText('after', portHelp());
  command.action(async (options: UpOptions, self: Command) => {
    process.exitCode = await up({ ...options, json: optionsOf(self).json === true });
  });
}

async function up(options: UpOptions): Promise<ExitCode> {
  const home = locateStack(process.env);
  if (options.reset === true) {
    if (options.yes !== true && !(await confirmReset(home))) return EXIT.failed;
    await resetStack(home);
  }
  const progress = new StepProgress({
    total: STACK_STEPS + MAIN_JOB_STEPS,
    stream: terminal.notes,
    verbose: options.verbose === true,
  });
  const requested = requestedPorts(options, process.env);
  const stack = await LocalStack.open({
    home,
    version: VERSION,
    requestedPorts: requested,
    environment: process.env,
    progress,
  });
  return run(stack, progress, options);
}

async function run(stack: LocalStack, progress: StepProgress, options: UpOptions): Promise<ExitCode> {
  const stopAsked = new Promise<void>((resolve) => {
    onStopSignal({
      stop: (why) => {
        note(`stopping (${why}); once more ends everything at once`);
        void stack.stop();
        resolve();
      },
      force: () => {
        stack.kill();
        process.exit(EXIT.failed);
      },
    });
  });
  const code = await work(stack, progress, options, stopAsked);
  await stack.stop();
  note('stopped');
  return code;
}

async function work(
  stack: LocalStack,
  progress: StepProgress,
  options: UpOptions,
  stopAsked: Promise<void>,
): Promise<ExitCode> {
  try {
    const status = await stack.start();
    const proven = await showMainJob({ stack, status, progress, check: options.check === true });
    if (options.check === true) return proven ? EXIT.ok : EXIT.failed;
    process.send?.({ ready: true });
    await stopAsked;
    return EXIT.ok;
  } catch (error) {
    // What breaks because it was told to stop is no failure of its own; a check that did not finish proves nothing.
    if (stack.signal.aborted) return options.check === true ? EXIT.failed : EXIT.ok;
    return report(error, options.json === true);
  }
}

function portHelp(): string {
  const flags = PORT_NAMES.map((name) => portFlag(name)).join(', ');
  return `\nPorts: ${flags}\n(or ECLUSE_PORT_DOOR …); a port that you set must be free, a default is replaced by a free one.`;
}
