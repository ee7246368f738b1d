import { join } from 'node:path';
import { EcluseError } from '@ecluse/errors';
import { readSecretFile, writeSecretFile } from '../servers/secret-file.js';
import { waitUntil } from '../servers/wait-until.js';
import type { StackHome } from '../stack-home.js';
import type { VaultApi } from './vault-api.js';

/** What initialisation answered: unseal key and root token. Local use only: whoever reads this file owns Vault. */
export interface VaultInit {
  readonly unsealKey: string;
  readonly rootToken: string;
}

/** Where it is kept, 0600. */
export function vaultInitFile(home: StackHome): string {
  return join(home.secrets, 'vault-init.json');
}

/**
 * Initialises Vault on the first start, unseals it on every start, and waits until it is active.
 * Throws STACK_BROKEN when the unseal key of an initialised Vault is lost.
 */
export async function openVault(api: VaultApi, home: StackHome): Promise<VaultInit> {
  const status = await api.call('GET', 'sys/seal-status');
  const init = status['initialized'] === true ? await readInit(home) : await initialise(api, home);
  if (status['sealed'] !== false) await api.call('PUT', 'sys/unseal', { key: init.unsealKey });
  const active = await waitUntil(async () => (await api.ask('GET', 'sys/health')).status === 200, 30_000);
  if (!active)
    throw new EcluseError('STACK_BROKEN', { detail: 'Vault is unsealed but does not become active.' });
  return init;
}

async function initialise(api: VaultApi, home: StackHome): Promise<VaultInit> {
  const answer = await api.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const keys: unknown = answer['keys_base64'];
  const unsealKey: unknown = Array.isArray(keys) ? keys[0] : undefined;
  const rootToken = answer['root_token'];
  if (typeof unsealKey !== 'string' || typeof rootToken !== 'string') {
    throw new EcluseError('STACK_BROKEN', { detail: 'Vault initialised itself without giving its keys.' });
  }
  const init = { unsealKey, rootToken };
  // On disk before anything else: without it the data is lost.
  await writeSecretFile(vaultInitFile(home), `${JSON.stringify(init, undefined, 2)}\n`);
  return init;
}

async function readInit(home: StackHome): Promise<VaultInit> {
  const file = vaultInitFile(home);
  const kept = await readSecretFile(file);
  const parsed: unknown = kept === undefined ? undefined : JSON.parse(kept);
  if (parsed instanceof Object && 'unsealKey' in parsed && 'rootToken' in parsed) {
    return { unsealKey: String(parsed.unsealKey), rootToken: String(parsed.rootToken) };
  }
  throw new EcluseError('STACK_BROKEN', {
    detail: `Vault's unseal key is not in ${file}, so its data cannot be opened. Begin anew with \`npm start -- --reset\`.`,
  });
}
