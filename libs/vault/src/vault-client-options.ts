import { EcluseError } from '@ecluse/errors';
import type { VaultLog } from './vault-log.js';

export interface VaultClientOptions {
  /** `https://host:port`; plain `http` is accepted for loopback only (CONFIG_INVALID otherwise). */
  addr: string;
  roleId: string;
  /** Either this or `secretIdFile`. */
  secretId?: string;
  /** Read at each login, so that a rotated secret id needs no restart. */
  secretIdFile?: string;
  /** Name of the process, as user agent in Vault's audit log: `ecluse/<name>`. */
  name: string;
  /** Milliseconds for one try unless a call says otherwise. Default 5000. */
  timeoutMs?: number;
  /** Default: silent. */
  log?: VaultLog;
  /** Told of each request once it ended; for metrics. Gets the path, which names no secret, and no answer. */
  onRequest?: (path: string, outcome: 'ok' | 'refused' | 'unavailable') => void;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Throws CONFIG_INVALID, without showing a value. */
export function checkVaultClientOptions(options: VaultClientOptions): void {
  if ((options.secretId === undefined) === (options.secretIdFile === undefined)) {
    throw new EcluseError('CONFIG_INVALID', {
      detail: 'Vault login: exactly one of secret id and secret id file is needed',
    });
  }
  const url = URL.parse(options.addr);
  if (url === null || !isOrigin(url)) {
    throw new EcluseError('CONFIG_INVALID', { detail: 'Vault address: expected https://host:port' });
  }
  if (url.protocol !== 'https:' && !LOOPBACK.has(url.hostname)) {
    throw new EcluseError('CONFIG_INVALID', {
      detail: 'Vault address: https is needed for a host that is not loopback',
    });
  }
}

/** Nothing but scheme, host and port: a path or a user in it would be sent along silently. */
function isOrigin(url: URL): boolean {
  const scheme = url.protocol === 'https:' || url.protocol === 'http:';
  return (
    scheme &&
    url.pathname === '/' &&
    [url.search, url.hash, url.username, url.password].every((part) => part === '')
  );
}
