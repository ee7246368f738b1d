import { Command, CommanderError } from 'commander';
import { registerApply } from './commands/apply.js';
import { registerAudit } from './commands/audit.js';
import { registerConnections } from './commands/connections.js';
import { registerDeadLetters } from './commands/dead-letters.js';
import { registerDeliveries } from './commands/deliveries.js';
import { registerDiff } from './commands/diff.js';
import { registerDoctor } from './commands/doctor.js';
import { registerFlows } from './commands/flows.js';
import { registerLanes } from './commands/lanes.js';
import { registerRelease, registerRollback } from './commands/release.js';
import { registerReplay } from './commands/replay.js';
import { registerRuns } from './commands/runs.js';
import { registerSecret } from './commands/secret.js';
import { registerSend } from './commands/send.js';
import { registerSources } from './commands/sources.js';
import { registerStatus } from './commands/status.js';
import { registerToolchain } from './commands/toolchain.js';
import { registerUi } from './commands/ui.js';
import { registerUp } from './commands/up.js';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.js';
import { report } from './failure.js';
import { surviveClosedStreams } from './terminal/terminal.js';
import { VERSION } from './version.js';

const program = new Command('ecluse')
  .description(
    'Secure, durable integration platform: webhooks in, Temporal workflows through, leased credentials out.',
  )
  // Not --version: `release` and `rollback` take that as the version of a flow.
  .version(VERSION, '-V, --cli-version')
  .option('--json', 'print JSON for scripts; failures as problem documents')
  .option(
    '--url <url>',
    'address of the admin API (ECLUSE_ADMIN_URL; default: the local stack of this checkout)',
  )
  .option(
    '--key-file <file>',
    'file with the API key (ECLUSE_API_KEY_FILE; default: the admin key of the local stack)',
  )
  .addHelpText('after', EXIT_CODES_HELP)
  .exitOverride();

/** One line per command: `register…` adds it with its options and its action. */
const COMMANDS = [
  ...[registerUp, registerStatus, registerDoctor, registerToolchain, registerUi],
  ...[registerApply, registerDiff, registerSecret, registerSend],
  ...[registerSources, registerConnections, registerFlows, registerRelease, registerRollback],
  ...[registerDeliveries, registerRuns, registerDeadLetters, registerLanes, registerReplay, registerAudit],
];
for (const register of COMMANDS) register(program);

surviveClosedStreams();
try {
  await program.parseAsync();
} catch (error) {
  // commander has printed its own message; asking for help or the version is no failure
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = report(error, process.argv.includes('--json'));
}
