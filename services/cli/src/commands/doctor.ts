import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { examine, type Finding } from '../doctor/examine.js';
import { paint, print } from '../terminal/terminal.js';
import { currentHome, optionsOf } from './command-context.js';

/** `ecluse doctor`: checks the machine and each part, and says what to do. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine and every part of the local stack, and say the remedy')
    .action(async (_options, self: Command) => {
      process.exitCode = await doctor(optionsOf(self).json === true);
    });
}

async function doctor(json: boolean): Promise<ExitCode> {
  const findings = await examine(currentHome(), process.env);
  const failed = findings.filter(({ verdict }) => verdict === 'broken');
  if (json) print(JSON.stringify({ healthy: failed.length === 0, findings }, null, 2));
  else findings.forEach(show);
  return failed.length === 0 ? EXIT.ok : EXIT.unhealthy;
}

const MARKS = { good: ['green', '✔'], idle: ['dim', '-'], broken: ['red', '✘'] } as const;

function show({ verdict, subject, detail, remedy }: Finding): void {
  const [style, mark] = MARKS[verdict];
  print(`${paint(style, mark)} ${subject}: ${detail}`);
  if (remedy !== undefined) print(`    remedy: ${remedy}`);
}
