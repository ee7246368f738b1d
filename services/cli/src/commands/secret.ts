import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { EcluseError } from '@ecluse/errors';
import { showJson } from '../terminal/table.js';
import { note, print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';

interface SecretOptions {
  readonly source?: string;
  readonly connection?: string;
  readonly id: string;
  readonly file?: string;
}

/** `ecluse secret`: write-only. A value comes from standard input or a file, never from an argument. */
export function registerSecret(program: Command): void {
  const command = program
    .command('secret')
    .description('set or remove secrets in Vault; no command shows one');
  withTarget(command.command('put'))
    .description('set one value, from standard input or --file; other ids stay valid beside it')
    .option('--file <file>', 'file with the value (default: standard input)')
    .action((_options, self: Command) => put(self));
  withTarget(command.command('remove'))
    .description('remove one value of a source')
    .action((_options, self: Command) => remove(self));
}

function withTarget(command: Command): Command {
  return command
    .option('--source <name>', 'source that verifies with it')
    .option('--connection <name>', 'connection that uses it')
    .requiredOption('--id <id>', 'name of the value, for example 2026-11');
}

async function put(self: Command): Promise<void> {
  const options = optionsOf<SecretOptions>(self);
  const path = pathOf(options);
  const value = (await readValue(options.file)).replace(/\r?\n$/, '');
  if (value === '') throw new EcluseError('USAGE', { detail: 'the value is empty' });
  const client = await adminClient(options);
  await client.post(path, { body: { secretId: options.id, value } });
  if (options.json === true) showJson({ secretId: options.id, stored: true });
  else print(`stored as ${options.id}`);
}

async function remove(self: Command): Promise<void> {
  const options = optionsOf<SecretOptions>(self);
  const client = await adminClient(options);
  await client.delete(`${pathOf(options)}/${encodeURIComponent(options.id)}`);
  if (options.json === true) showJson({ secretId: options.id, removed: true });
  else print(`removed ${options.id}; the door forgets it within its cache time`);
}

function pathOf({ source, connection }: SecretOptions): string {
  if ((source === undefined) === (connection === undefined)) {
    throw new EcluseError('USAGE', { detail: 'expected either --source or --connection' });
  }
  const [collection, name] = source === undefined ? ['connections', connection] : ['sources', source];
  return `/v1/${collection}/${encodeURIComponent(name ?? '')}/secrets`;
}

function readValue(file: string | undefined): Promise<string> {
  if (file !== undefined) return readFile(file, 'utf8');
  if (process.stdin.isTTY) note('type or paste the value, then end with Ctrl-D');
  return text(process.stdin);
}
