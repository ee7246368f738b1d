import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { SqlConfig } from './sql-spec.js';

/** True for names and addresses that cannot leave this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * TLS settings of a connection. There is no mode that encrypts without verifying: it protects against nobody
 * who is able to listen. Throws a file error when `caFile` cannot be read.
 */
export function tlsOptions(config: SqlConfig): ConnectionOptions | false {
  const tls = config.tls ?? { mode: 'verify-full' };
  if (tls.mode === 'disable') {
    if (!isLoopback(config.host)) throw new Error('TLS may be disabled for loopback hosts only');
    return false;
  }
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(isIP(config.host) === 0 ? { servername: config.host } : {}),
    ...(tls.caFile === undefined ? {} : { ca: readFileSync(tls.caFile, 'utf8') }),
  };
}
