import { EcluseError } from '@ecluse/errors';
import { apiKeyFile, locateStack, readSecretFile, readStatus, stackHome } from '@ecluse/local-stack';
import type { AdminAccess } from './admin-client.js';

/** Options that every command of the admin API takes. */
export interface AccessOptions {
  readonly url?: string;
  readonly keyFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Address and key of the admin API: flags, else `ECLUSE_ADMIN_URL` and `ECLUSE_API_KEY_FILE`, else the local stack of
 * this checkout. Throws `STACK_NOT_RUNNING` (ECL-7007) or `CONFIG_INVALID`; the key itself is never an argument.
 */
export async function findAdminAccess(
  options: AccessOptions,
  environment: Environment,
): Promise<AdminAccess> {
  const home = stackHome(locateStack(environment));
  const url = options.url ?? environment['ECLUSE_ADMIN_URL'] ?? (await readStatus(home))?.endpoints.adminApi;
  if (url === undefined)
    throw new EcluseError('STACK_NOT_RUNNING', { detail: `nothing runs on ${home.root}` });
  const keyFile = options.keyFile ?? environment['ECLUSE_API_KEY_FILE'] ?? apiKeyFile(home, 'admin');
  const apiKey = await readSecretFile(keyFile);
  if (apiKey === undefined || apiKey === '') {
    throw new EcluseError('CONFIG_INVALID', {
      detail: `no API key in ${keyFile} (--key-file or ECLUSE_API_KEY_FILE)`,
    });
  }
  return { url: url.replace(/\/+$/, ''), apiKey };
}
