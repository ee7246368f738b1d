import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { SourceView } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { readSecretFile } from '@ecluse/local-stack';
import { resolveAuth, sign } from '@ecluse/webhook-auth';
import { showJson } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { postToDoor } from '../up/send-delivery.js';
import { adminClient, currentHome, optionsOf, type GlobalOptions } from './command-context.js';

interface SendOptions {
  readonly source: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly contentType: string;
}

/** `ecluse send`: signs a file like the provider would and sends it to the door. */
export function registerSend(program: Command): void {
  program
    .command('send')
    .description('sign a file as the source expects and send it to the door')
    .argument('<file>', 'body of the delivery')
    .requiredOption('--source <name>', 'source to send to')
    .option('--key <key>', 'delivery key (default: a new one)')
    .option(
      '--secret-file <file>',
      'file with a secret of the source (default: the one that the local stack keeps)',
    )
    .option('--content-type <type>', 'media type of the body', 'application/json')
    .action(async (file: string, _options, self: Command) => {
      await send(file, optionsOf<SendOptions>(self));
    });
}

async function send(file: string, options: SendOptions & GlobalOptions): Promise<void> {
  const client = await adminClient(options);
  const [source, body] = await Promise.all([
    client.get<SourceView>(`/v1/sources/${encodeURIComponent(options.source)}`),
    readFile(file),
  ]);
  const key = options.key ?? randomUUID();
  const headers = {
    'content-type': options.contentType,
    ...(await signedHeaders(source.body, body, key, options)),
  };
  const deliveryId = await postToDoor(source.body.url, headers, body);
  if (options.json === true) showJson({ deliveryId, key });
  else print(`accepted as delivery ${deliveryId} (key ${key})`);
}

async function signedHeaders(
  source: SourceView,
  body: Uint8Array,
  key: string,
  options: SendOptions,
): Promise<Record<string, string>> {
  const [named] = resolveAuth(source.spec['auth']).schemes;
  if (named === undefined)
    throw new EcluseError('STATE_CONFLICT', { detail: `source ${source.name} has no usable scheme` });
  const secret = await secretOf(options);
  return {
    ...keyHeaders(source, key),
    ...sign(named.scheme, secret, { body, id: key, timestamp: new Date() }),
  };
}

/** Headers in which the source looks for the delivery key. */
function keyHeaders({ spec }: SourceView, key: string): Record<string, string> {
  const dedupe = spec['dedupe'] as { key?: { header?: string }[] } | undefined;
  const names = (dedupe?.key ?? []).flatMap(({ header }) => (header === undefined ? [] : [header]));
  return Object.fromEntries(names.map((name) => [name, key]));
}

async function secretOf({ source, secretFile }: SendOptions): Promise<string> {
  const file = secretFile ?? join(currentHome().secrets, `webhook-${source}`);
  const secret = await readSecretFile(file);
  if (secret !== undefined && secret !== '') return secret;
  throw new EcluseError('USAGE', { detail: `no secret in ${file}: name one with --secret-file` });
}
