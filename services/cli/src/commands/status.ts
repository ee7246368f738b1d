import Table from 'cli-table3';
import type { Command } from 'commander';
import { EcluseError } from '@ecluse/errors';
import {
  checkStack,
  findSupervisor,
  readStatus,
  type PartHealthCheck,
  type StackStatus,
} from '@ecluse/local-stack';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { paint, print } from '../terminal/terminal.js';
import { currentHome, optionsOf } from './command-context.js';

/** `ecluse status`: every endpoint, pid, version and health; what scripts use to find ports. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show every part of the local stack: endpoint, pid, version, health')
    .action(async (_options, self: Command) => {
      process.exitCode = await showStatus(optionsOf(self).json === true);
    });
}

async function showStatus(json: boolean): Promise<ExitCode> {
  const home = currentHome();
  const [status, supervisor] = await Promise.all([readStatus(home), findSupervisor(home)]);
  if (status === undefined || supervisor === undefined) {
    throw new EcluseError('STACK_NOT_RUNNING', { detail: `nothing runs on ${home.root}` });
  }
  const checks = await checkStack(home, status);
  const healthy = checks.every((check) => check.healthy);
  if (json) print(JSON.stringify(withHealth(status, checks), null, 2));
  else showTables(status, checks);
  return healthy ? EXIT.ok : EXIT.unhealthy;
}

/** `status.json` with what each part answered just now. */
function withHealth(status: StackStatus, checks: readonly PartHealthCheck[]): unknown {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const parts = status.parts.map((part) => {
    const check = byName.get(part.name);
    return { ...part, healthy: check?.healthy ?? false, health: check?.detail ?? 'not asked' };
  });
  return { ...status, healthy: checks.every((check) => check.healthy), parts };
}

function showTables(status: StackStatus, checks: readonly PartHealthCheck[]): void {
  const head = ['part', 'state', 'health', 'endpoint', 'pid', 'version', 'restarts'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const part of status.parts) {
    const check = checks.find(({ name }) => name === part.name);
    const health =
      check?.healthy === true ? paint('green', 'healthy') : paint('red', check?.detail ?? 'not asked');
    table.push([
      part.name,
      part.state,
      health,
      part.endpoint,
      part.pid ?? '-',
      part.version ?? '-',
      part.restarts,
    ]);
  }
  print(
    `Ecluse ${status.version}, ${status.state} since ${status.readyAt ?? status.startedAt}, supervisor pid ${String(status.supervisorPid)}`,
  );
  print(table.toString());
  for (const [name, endpoint] of Object.entries(status.endpoints))
    print(`  ${name.padEnd(14)}${String(endpoint)}`);
  print(`  ${'data'.padEnd(14)}${status.home}`);
}
